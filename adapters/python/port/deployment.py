"""One deployment: an instance of the port behind uvicorn, with a clock, users and data of its own."""

import asyncio
import json
import socket
import time
import traceback
from datetime import datetime, timedelta, timezone

import time_machine
import uvicorn
from better_auth import BetterAuth, EmailAndPassword, RateLimit
from better_auth.adapters.base import Where
from better_auth.crypto import generate_id
from better_auth.integrations.fastapi import BetterAuthFastAPI
from better_auth.session import create_session, utcnow
from better_auth.types import AuthRequest
from fastapi import FastAPI

from . import calls
from .database import Data, open_database
from .frame import MAX_LINE, Instead, line
from .options import plugin
from .setup import Setup, organizations

BASE_PATH = "/api/auth"
EPOCH = datetime.fromtimestamp(0, timezone.utc)

# An actor's session outlives every clock that a scenario moves.
ACTOR_SESSION = timedelta(days=100 * 365)


def serve(name, link):
    """Answers the requests that come over `link`, until it is closed."""
    asyncio.run(Deployment(name).answer(link))


class Deployment:
    def __init__(self, name):
        self._name = name
        self._users = 0
        self._answers = {"start": self.start, "actor": self.actor, "call": self.call, "clock": self.clock}

    async def answer(self, link):
        reader, writer = await asyncio.open_connection(sock=link, limit=2 * MAX_LINE)
        under_way = set()

        async def one(request):
            reply = await self._reply(request)
            writer.write(line({"id": request["id"], **reply}))

        while request := await reader.readline():
            task = asyncio.create_task(one(json.loads(request)))
            under_way.add(task)
            task.add_done_callback(under_way.discard)

    async def _reply(self, request):
        try:
            return {"ok": await self._answers[request["op"]](request)}
        except Instead as instead:
            return instead.reply
        except Exception as error:
            traceback.print_exc()
            return {"failure": f"{type(error).__name__}: {error}"}

    async def start(self, request):
        setup = Setup.read(request.get("setup") or {})
        self._data = Data(setup.data)
        self._plugin = plugin(request.get("config") or {}, self._data)
        listener = socket.create_server(("127.0.0.1", 0))
        self._origin = "http://127.0.0.1:%d" % listener.getsockname()[1]
        self._begin_time()
        self._auth = BetterAuth(
            secret=self._data.secret,
            adapter=open_database(setup, self._data),
            base_url=self._origin,
            base_path=BASE_PATH,
            email_and_password=EmailAndPassword(enabled=True),
            rate_limit=RateLimit(enabled=False),
            # Actors whom an earlier start on the same data has made come from its address.
            trusted_origins=self._data.remember_origin(self._origin),
            plugins=[self._plugin, *organizations(setup)],
        )
        if setup.sqlite:
            await self._auth.adapter.create_tables()
        await self._listen(listener)
        return {"deployment": self._name, "baseUrl": self._origin + BASE_PATH, "now": self._now()}

    async def _listen(self, listener):
        app = FastAPI(openapi_url=None)
        app.include_router(BetterAuthFastAPI(self._auth).router)
        # A client may come back to a connection after any time: the server must not be the one to close it.
        config = uvicorn.Config(app, lifespan="off", log_config=None, access_log=False, timeout_keep_alive=3600)
        server = uvicorn.Server(config)
        self._serving = asyncio.create_task(server.serve(sockets=[listener]))
        while not server.started and not self._serving.done():
            await asyncio.sleep(0.001)

    # The clock stands still; only `clock` moves it. time-machine replaces what Python's own functions return, for the
    # whole process, and leaves the monotonic clock alone, by which timers and sockets go.

    def _begin_time(self):
        begin = max(self._now(), self._data.now)
        # A number of seconds would be a float, and some microseconds off.
        self._travel = time_machine.travel(EPOCH + timedelta(milliseconds=begin), tick=False).start()

    def _now(self):
        return time.time_ns() // 1_000_000

    async def clock(self, request):
        self._travel.shift(timedelta(milliseconds=request["advanceMs"]))
        self._data.remember_now(self._now())
        return {"now": self._now()}

    async def actor(self, request):
        """What a sign-up does, but for the account with a password: hashing one costs more than all the rest."""
        self._users += 1
        now = utcnow()
        user = await self._auth.internal.create_user(
            {
                "id": generate_id(),
                "name": request["name"],
                "email": f"{request['name']}-{generate_id(12).lower()}@example.com",
                "emailVerified": False,
                "image": None,
                "createdAt": now,
                "updatedAt": now,
            },
            source={"method": "email-password"},
            ctx=None,
            force_allow_id=True,
        )
        session, cookies = await create_session(self._auth, user["id"], AuthRequest(method="POST", path="/sign-up/email"))
        await self._auth.adapter.update(
            "session", [Where("token", session["token"])], {"expiresAt": now + ACTOR_SESSION}
        )
        # The first cookie is the session's; the others of a sign-up take away what a new browser does not have.
        return {"userId": user["id"], "headers": {"cookie": cookies[0].split(";")[0], "origin": self._origin}}

    async def call(self, request):
        return await calls.call(self._auth, self._plugin, request)


