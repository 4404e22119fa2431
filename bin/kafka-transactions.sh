#!/usr/bin/env node
require("../dist/tools/kafka-transactions.cjs");
