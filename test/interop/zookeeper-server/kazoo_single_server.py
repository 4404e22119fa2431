"""Makes kazoo's own tests run on one server that a command starts, instead of an ensemble of Java servers.

ZOOKEEPER_COMMAND is the command, with {port} and {dir}; it runs in the foreground until it is killed.
"""
import atexit
import os
import shlex
import shutil
import socket
import subprocess
import tempfile
import time

from kazoo.testing import harness

PORT = int(os.environ.get("ZOOKEEPER_TEST_PORT", "21890"))


class SingleServer:
    def __init__(self):
        self.directory = tempfile.mkdtemp(prefix="kazoo-server-")
        self.process = None
        self.server_info = self

    @property
    def address(self):
        return "127.0.0.1:%d" % PORT

    secure_address = address
    client_port = PORT

    @property
    def running(self):
        return self.process is not None

    def run(self):
        if self.running:
            return
        command = os.environ["ZOOKEEPER_COMMAND"].format(port=PORT, dir=self.directory)
        log = open(os.path.join(self.directory, "server.log"), "a")
        self.process = subprocess.Popen(shlex.split(command), stdout=log, stderr=log)
        for _ in range(300):
            try:
                socket.create_connection(("127.0.0.1", PORT), 1).close()
                return
            except OSError:
                time.sleep(0.1)
        raise Exception("the server did not start")

    def stop(self):
        if self.running:
            self.process.terminate()
            self.process.wait()
            self.process = None

    def destroy(self):
        self.stop()
        shutil.rmtree(self.directory, ignore_errors=True)


class SingleCluster:
    def __init__(self):
        self._servers = [SingleServer()]

    def __getitem__(self, index):
        return self._servers[index]

    def __iter__(self):
        return iter(self._servers)

    def start(self):
        for server in self:
            server.run()

    def stop(self):
        for server in self:
            server.stop()

    # One server for all classes: kazoo ends its ensemble after each of them.
    def terminate(self):
        pass

    def reset(self):
        pass


CLUSTER = SingleCluster()
atexit.register(lambda: [server.destroy() for server in CLUSTER])
harness.get_global_cluster = lambda: CLUSTER
