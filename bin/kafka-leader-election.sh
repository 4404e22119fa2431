#!/usr/bin/env node
require("../dist/tools/kafka-leader-election.cjs");
