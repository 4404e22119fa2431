#!/usr/bin/env node
require("../dist/tools/zookeeper-shell.cjs");
