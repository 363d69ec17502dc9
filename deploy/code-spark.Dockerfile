# Spark with what Python functions use. Its Python must be that of the clients, to the minor version.
FROM apache/spark:4.2.0
USER root
RUN pip3 install --no-cache-dir 'pandas>=2.2,<3' 'pyarrow>=18' 'numpy>=1.22'
USER spark
