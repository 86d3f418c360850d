import asyncpg
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from tests.support.containers import kafka_environment
from tests.support.databases import Databases


async def test_a_record_goes_through_kafka(kafka_bootstrap: str) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka_bootstrap)
    await admin.start()
    await admin.create_topics([NewTopic("fixture-round-trip", 1, 1)])
    await admin.close()
    async with AIOKafkaProducer(bootstrap_servers=kafka_bootstrap, enable_idempotence=True) as producer:
        await producer.send_and_wait("fixture-round-trip", b"hello", key=b"k")
    consumer = AIOKafkaConsumer(
        "fixture-round-trip",
        bootstrap_servers=kafka_bootstrap,
        group_id="fixture",
        auto_offset_reset="earliest",
    )
    async with consumer:
        record = await consumer.getone()
    assert (record.key, record.value) == (b"k", b"hello")


async def test_each_test_has_an_empty_database(database: str) -> None:
    connection = await asyncpg.connect(database)
    try:
        assert (
            await connection.fetchval(
                "SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace"
            )
            == 0
        )
        await connection.execute("CREATE TABLE mine ()")
    finally:
        await connection.close()


async def test_each_test_has_another_database(database: str) -> None:
    await test_each_test_has_an_empty_database(database)


async def test_a_template_is_filled_once(databases: Databases) -> None:
    filled = []

    async def fill(dsn: str) -> None:
        filled.append(dsn)
        connection = await asyncpg.connect(dsn)
        await connection.execute("CREATE TABLE thing (id int)")
        await connection.close()

    for _ in range(2):
        connection = await asyncpg.connect(await databases.fresh("with-a-thing", fill))
        assert await connection.fetchval("SELECT count(*) FROM thing") == 0
        await connection.execute("INSERT INTO thing VALUES (1)")
        await connection.close()
    assert len(filled) == 1


def test_a_kafka_in_a_container_is_told_what_the_embedded_one_is_told() -> None:
    told = kafka_environment(19092)
    assert told["KAFKA_AUTO_CREATE_TOPICS_ENABLE"] == "false"
    assert told["KAFKA_ADVERTISED_LISTENERS"] == "PLAINTEXT://127.0.0.1:19092"
    assert not any("{" in value for value in told.values())
