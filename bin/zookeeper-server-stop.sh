#!/usr/bin/env node
require("../dist/tools/zookeeper-server-stop.cjs");
