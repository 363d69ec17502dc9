"""Files that go along with code: only for who may run code, and only to where it runs."""

import os
import tempfile
import zipfile

import grpc
from door import new_session, refused, session
from functions import CUSTOMERS
from pyspark.sql import functions as F
from pyspark.sql.connect.client.artifact import Artifact, InMemory
from pyspark.sql.connect.proto import ArtifactStatusesRequest

FOLDER = tempfile.mkdtemp()


def file_of(name: str, text: str) -> str:
    path = os.path.join(FOLDER, name)
    with open(path, "w") as file:
        file.write(text)
    return path


def exists(spark, name: str) -> bool:
    manager = spark._client._artifact_manager
    request = ArtifactStatusesRequest(session_id=manager._session_id, names=[name])
    return manager._stub.ArtifactStatus(request, metadata=manager._metadata).statuses[name].exists


def refused_bare(work) -> None:
    """Past the client's own reading of errors."""
    try:
        work()
    except grpc.RpcError as error:
        assert "[CODE_NOT_ALLOWED]" in error.details(), error
        return
    raise AssertionError("it was taken")


def test_modules_archives_and_files_go_along():
    spark = new_session("analyst")
    module = file_of("sluice_words.py", "def shout(value):\n    return str(value).upper() + '!'\n")
    archive = os.path.join(FOLDER, "words.zip")
    with zipfile.ZipFile(archive, "w") as packed:
        packed.writestr("inner/list.txt", "from the archive")
    assert not exists(spark, "pyfiles/sluice_words.py")
    spark.addArtifact(module, pyfile=True)
    spark.addArtifact(f"{archive}#words", archive=True)
    spark.addArtifact(file_of("plain.txt", "from the file"), file=True)
    for name in ("pyfiles/sluice_words.py", "archives/words.zip#words", "files/plain.txt"):
        assert exists(spark, name) and not exists(session("analyst"), name), name

    def read(email):
        from pyspark import SparkFiles
        from sluice_words import shout

        with open(SparkFiles.get("words/inner/list.txt")) as packed, open(SparkFiles.get("plain.txt")) as plain:
            return f"{shout(email)} {packed.read()} {plain.read()}"

    customers = spark.table(CUSTOMERS).filter("email IS NOT NULL").orderBy("id").limit(2)
    plain = [row.email for row in customers.select("email").collect()]
    assert all("***" in email for email in plain), plain
    expected = [f"{email.upper()}! from the archive from the file" for email in plain]
    assert [row[0] for row in customers.select(F.udf(read, "string")("email")).collect()] == expected
    # The same file again is no other; another under its name is.
    spark.addArtifact(module, pyfile=True)
    file_of("sluice_words.py", "def shout(value):\n    return 'other'\n")
    refused("CONFLICT", lambda: spark.addArtifact(module, pyfile=True))

    def foreign(value):
        import sluice_words

        return sluice_words.shout(value)

    own = session("analyst").table(CUSTOMERS).limit(1).select(F.udf(foreign, "string")("email"))
    assert "sluice_words" in refused("CODE_FAILED", own.collect)


def test_without_the_right_none_is_taken():
    spark = session("engineer")
    path = file_of("some.py", "x = 1\n")
    refused("CODE_NOT_ALLOWED", lambda: spark.addArtifact(path, pyfile=True))
    refused("CODE_NOT_ALLOWED", lambda: spark.addArtifact(path, file=True))
    assert not exists(spark, "pyfiles/some.py")


def test_nothing_runs_in_the_jvm_and_nothing_leads_elsewhere():
    spark = session("analyst")
    refused("CODE_NOT_ALLOWED", lambda: spark.addArtifact(file_of("some.jar", "")))
    text = file_of("some.txt", "")
    refused_bare(lambda: spark.copyFromLocalToFs(text, "/tmp/some.txt"))
    manager = spark._client._artifact_manager
    for name in ("pyfiles/../../x.py", "classes/A.class", "pyfiles/.x.py", "files/a/b", "archives/x.zip#../y", "files/", "x"):
        artifact = Artifact(name, InMemory(b"x"))
        refused_bare(lambda artifact=artifact: manager._request_add_artifacts(manager._add_artifacts([artifact])))


def test_too_much_is_not_taken():
    spark = new_session("analyst")
    large = os.path.join(FOLDER, "large.bin")
    with open(large, "wb") as file:
        file.truncate(64 * 2**20 + 1)
    message = refused("RESOURCES_EXHAUSTED", lambda: spark.addArtifact(large, file=True))
    assert "67108864" in message, message
    assert not exists(spark, "files/large.bin")
