"""Where the time of a first import goes. Run: python -m bench.import_profile LINES DATABASE_URL"""

import asyncio
import cProfile
import os
import pstats
import resource
import subprocess
import sys
import time

import httpx


async def main(lines: int, url: str, profile: bool) -> None:
    import logging
    import structlog
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    from monitr.adapters.sql.engine import create_engine
    from tests.integration.importing.world import a_world, checks

    port = 18200
    code = (
        "import octopus_sandbox as o; from octopus_sandbox.switches import Switches;"
        f"o.serve(o.SandboxSettings(port={port}, lines={lines}, bookyears=5, dossiers=1, switches=Switches(daily_limits=False)))"
    )
    server = subprocess.Popen([sys.executable, "-c", code])

    from octopus_sandbox.testing import SandboxServer

    class Remote(SandboxServer):
        def __init__(self): pass
        client_id = "monitr-sandbox"
        url = f"http://127.0.0.1:{port}"
        api_url = url + "/octopus-rest-api/v1"
        authorize_url = url + "/octopus-oauth/authorize"
        token_url = url + "/octopus-oauth/token"


    try:
        for _ in range(600):
            try:
                httpx.get(Remote.url + "/sandbox")
                break
            except httpx.HTTPError:
                time.sleep(0.2)
        engine = create_engine(url)
        async with a_world(engine, Remote()) as world:
            (administration,) = await world.select(await world.connect(), 49001)
            base = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
            # warm the sandbox
            async with world.octopus.open(administration.integration_id, administration.dossier) as dossier:
                years = (await dossier.bookyears()).rows
                t = time.perf_counter()
                n = 0
                for y in years:
                    for ty in (1, 2, 3, 4):
                        async for b in dossier.ledger(years, y.number, ty, None):
                            n += b.fetched
                print(f"fetch+decode only (sandbox cold) {n} lines {time.perf_counter()-t:.2f}s")
                t = time.perf_counter()
                for y in years:
                    for ty in (1, 2, 3, 4):
                        async for b in dossier.ledger(years, y.number, ty, None):
                            pass
                d = time.perf_counter() - t
                print(f"fetch+decode only (warm) {d:.2f}s = {n/d:,.0f}/s")
            p = cProfile.Profile()
            t = time.perf_counter()
            if profile:
                p.enable()
            run = await world.work(administration.id)
            p.disable()
            d = time.perf_counter() - t
            print(run.status, run.error, checks(run), f"first {d:.2f}s = {n/d:,.0f} lines/s",
                  f"rss {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss//1024} MB over {base//1024}")
            if profile:
                pstats.Stats(p).sort_stats("cumtime").print_stats(45)
            t = time.perf_counter()
            from monitr.domain.import_run import ImportMode
            run = await world.sync(administration.id, ImportMode.FULL)
            print(run.status, run.error, f"full again {time.perf_counter()-t:.2f}s", run.datasets["GENERAL_LEDGER"])
            t = time.perf_counter()
            run = await world.sync(administration.id)
            print(run.status, f"incremental {time.perf_counter()-t:.2f}s", run.datasets["GENERAL_LEDGER"])
        await engine.dispose()
    finally:
        server.terminate()


asyncio.run(main(int(sys.argv[1]), sys.argv[2], len(sys.argv) > 3))
