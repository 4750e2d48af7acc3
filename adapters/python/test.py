"""What the adapter does before the port is asked: how its environment is made, and what options are called."""

import os
import re
import subprocess
import sys
import tempfile
import unittest
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from unittest import mock

import adapter

HERE = Path(__file__).parent


class Environment(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.cache = Path(folder.name)
        patched = mock.patch.dict(os.environ, KEYSPEC_CACHE=folder.name)
        patched.start()
        self.addCleanup(patched.stop)

    def test_it_is_in_the_cache_that_keyspec_names(self):
        self.assertEqual(adapter.environment().parent, self.cache / "adapters")

    def test_many_at_once_make_it_once(self):
        # Processes, since a lock of a file is a process's.
        script = (
            "import adapter, pathlib, sys, time\n"
            "def run(needed, command):\n"
            "    adapter.environment().mkdir(exist_ok=True)\n"
            "    with open(adapter.environment() / 'made', 'a') as made: made.write('x')\n"
            "    time.sleep(0.05)\n"
            "adapter.run = run\n"
            "adapter.make(adapter.environment())\n"
            "assert adapter.ready(adapter.environment())\n"
        )
        with ThreadPoolExecutor() as pool:
            command = [sys.executable, "-c", script]
            done = list(pool.map(lambda _: subprocess.run(command, cwd=HERE, stderr=subprocess.DEVNULL), range(6)))
        self.assertEqual([one.returncode for one in done], [0] * 6)
        self.assertEqual((adapter.environment() / "made").read_text(), "xx", "venv and pip, by one of them")

    def test_one_that_was_broken_off_is_made_anew(self):
        folder = adapter.environment()
        (folder / "half").mkdir(parents=True)
        with mock.patch.object(adapter, "run", lambda needed, command: folder.mkdir(exist_ok=True)):
            with mock.patch.object(adapter, "say"):
                adapter.make(folder)
        self.assertTrue(adapter.ready(folder))
        self.assertFalse((folder / "half").exists())

    def test_what_is_missing_is_named(self):
        said = []
        with mock.patch.object(adapter, "say", said.append), self.assertRaises(SystemExit):
            adapter.run("the module `venv`", [sys.executable, "-c", "raise SystemExit(1)"])
        self.assertIn("needs the module `venv`", said[0])


class Requirements(unittest.TestCase):
    def test_everything_is_pinned_with_digests_and_names_no_registry(self):
        text = (HERE / "requirements.txt").read_text()
        packages = re.findall(r"^[a-z][\w.-]*(\[\w+\])?==", text, re.MULTILINE)
        self.assertGreater(len(packages), 20)
        self.assertEqual(len(re.findall(r"^[a-z].*\\$", text, re.MULTILINE)), len(packages), "each has digests")
        self.assertNotIn("://", text)


class Options(unittest.TestCase):
    def test_they_have_the_names_of_the_port(self):
        # On the environment's Python, since the options import the port.
        script = (
            "from port.options import option, options, snake\n"
            "from port.database import Data\n"
            "from port.frame import Instead\n"
            "data = Data(None)\n"
            "assert snake('enableSessionForAPIKeys') == 'enable_session_for_api_keys'\n"
            "assert snake('customAPIKeyGetter') == 'custom_api_key_getter'\n"
            "config = {'keyExpiration': {'minExpiresIn': 0}, 'configId': 'c', 'rateLimit': {'maxRequests': 3}}\n"
            "mapped = {'key_expiration': {'min_expires_in': 0}, 'config_id': 'c', 'rate_limit': {'max_requests': 3}}\n"
            "assert options(config, data) == mapped\n"
            "def refused(**config):\n"
            "    try:\n"
            "        options(config, data)\n"
            "    except Instead as instead:\n"
            "        return 'unsupported' in instead.reply\n"
            "assert refused(deferUpdates=True) and refused(storage='secondary-storage')\n"
            "assert refused(permissions={'maxPermissions': {}}) and refused(customKeyGenerator={'preset': 'no:such'})\n"
            "assert option('customKeyGenerator', {'preset': 'generator:fixed-alphabet'}, data)(\n"
            "    {'length': 12, 'prefix': 'p_'}) == 'p_kkkk00000001'\n"
        )
        folder = adapter.environment()
        if not adapter.ready(folder):
            adapter.make(folder)
        done = subprocess.run([adapter.python(folder), "-B", "-c", script], cwd=HERE, stderr=subprocess.PIPE, text=True)
        self.assertEqual(done.returncode, 0, done.stderr)


if __name__ == "__main__":
    unittest.main()
