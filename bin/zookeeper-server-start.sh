#!/usr/bin/env node
require("../dist/tools/zookeeper-server-start.cjs");
