#!/usr/bin/env node
require("../dist/tools/kafka-replica-verification.cjs");
