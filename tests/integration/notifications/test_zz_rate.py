import asyncio, sys, time, subprocess, tempfile, os
import pytest
from services.cli.embedded.ports import answers, free_port
from shared.contracts.accounts import BuyerRegistered, SellerRegistered
from shared.contracts.orders import OrderReceived, OrderReleased
from tests.integration.notifications.desk import Desk, said
async def test_rate(desk: Desk) -> None:
    port=free_port(); d=tempfile.mkdtemp()
    child=subprocess.Popen([sys.executable,"-m","services.cli.embedded.smtp","--port",str(port),"--maildir",d+"/m"])
    while not answers(port): time.sleep(.05)
    try:
        await desk.hear(said(BuyerRegistered,"buyer-1"), said(SellerRegistered,"seller-1",language="zh"))
        await desk.hear(*(said(OrderReceived,f"o-{n}") for n in range(200)))
        out=[]
        for r in range(3):
            await desk.hear(*(said(OrderReceived,f"o-{r}-{n}") for n in range(200)))
            batches=[[said(OrderReleased,f"o-{r}-{n}"),said(OrderReleased,f"o-{r}-{n+1}")] for n in range(0,200,2)]
            mailer=desk.mailer(f"smtp://127.0.0.1:{port}",connections_max=8)
            base=len(await desk.told())
            calls0=await desk.pool.fetchval("select xact_commit from pg_stat_database where datname=current_database()")
            async with desk.mailing(mailer):
                await asyncio.sleep(.3)
                t=time.process_time(); w=time.monotonic()
                for b in batches:
                    await desk.hear(*b); mailer.wake(); await asyncio.sleep(.03)
                while await desk.pool.fetchval("select count(*) from mails where status='due'"): await asyncio.sleep(.05)
                out.append((time.process_time()-t, time.monotonic()-w))
            await asyncio.sleep(.3)
            print("commits", await desk.pool.fetchval("select xact_commit from pg_stat_database where datname=current_database()")-calls0)
        print("CPU per mail incl. hearing:", [f"{c/400*1e6:.0f} us in {w:.1f} s" for c,w in out])
    finally: child.terminate(); child.wait()
