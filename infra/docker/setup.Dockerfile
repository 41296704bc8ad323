# Image that makes the first API key: docker build -f infra/docker/setup.Dockerfile .
ARG BASE=node:24-bookworm-slim
FROM ${BASE}
# A new volume takes over owner and mode of the folder it is mounted on; only the services' user may read.
RUN install --directory --owner=10001 --group=10001 --mode=0700 /run/trivium
WORKDIR /srv
COPY infra/docker/first-key.mjs ./
RUN chmod a+r first-key.mjs
USER 10001:10001
CMD ["node", "first-key.mjs", "/run/trivium/api-key"]
