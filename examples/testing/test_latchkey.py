import json
import os
import subprocess
import unittest
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

# The folder of Latchkey, which is built.
LATCHKEY = os.environ["LATCHKEY"]


def call(base, line, body=None, token=None):
    """Sends a request, and returns the status and the JSON of its answer."""
    method, path = line.split(" ")
    headers = {"Content-Type": "application/json"} if body is not None else {}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    data = json.dumps(body).encode() if body is not None else None
    try:
        with urlopen(Request(base + path, data, headers, method=method)) as answer:
            return answer.status, json.loads(answer.read() or "null")
    except HTTPError as error:
        with error:
            return error.code, json.loads(error.read() or "null")


class LatchkeyTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        program = ["node", f"{LATCHKEY}/dist/cli.js", "dev-server", "--json"]
        program.append("--with-parent")  # Ends with this process, even if that is killed.
        cls.server = subprocess.Popen(program, stdout=subprocess.PIPE, text=True)
        addresses = json.loads(cls.server.stdout.readline())
        cls.url, cls.control = addresses["url"], addresses["control"]

    @classmethod
    def tearDownClass(cls):
        cls.server.terminate()
        cls.server.wait()
        cls.server.stdout.close()

    def setUp(self):
        call(self.control, "POST /reset")

    def test_an_access_token_ends_after_a_quarter_of_an_hour(self):
        _, ada = call(self.control, "POST /people", {})
        _, session = call(self.control, "POST /sessions", {"userId": ada["id"]})
        token = session["accessToken"]
        self.assertEqual(call(self.url, "GET /me", token=token)[0], 200)

        call(self.control, "POST /clock/advance", {"by": "16m"})
        status, problem = call(self.url, "GET /me", token=token)
        self.assertEqual((status, problem["code"]), (401, "token_expired"))

    def test_a_mailed_code_sets_a_new_password(self):
        _, ada = call(self.control, "POST /people", {})
        asked = {"purpose": "reset_password", "login": ada["email"]}
        _, challenge = call(self.url, "POST /challenges", asked)
        query = urlencode({"to": ada["email"]})
        _, mail = call(self.control, f"GET /mails/last?{query}")

        answer = {
            "challenge": challenge["token"],
            "method": "mail_code",
            "code": mail["code"],
            "newPassword": "a quite different sentence",
        }
        self.assertEqual(call(self.url, "POST /challenges/answer", answer)[0], 200)

    def test_a_missing_database_is_told(self):
        _, away = call(self.control, "POST /faults/database-away")
        self.assertEqual(call(self.url, "GET /readyz")[0], 503)

        call(self.control, f"DELETE /faults/{away['id']}")
        self.assertEqual(call(self.url, "GET /readyz")[0], 200)


if __name__ == "__main__":
    unittest.main()
