#!/usr/bin/env node
require("../dist/tools/kafka-delete-records.cjs");
