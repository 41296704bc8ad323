# Image of a service that runs ONNX models: docker build -f infra/docker/onnx.Dockerfile --build-arg APP=vision-inference .
# Debian, not Alpine: the ONNX Runtime binary links glibc. For a GPU see docs/guides/gpu.md: BASE is then
# a CUDA runtime image with Node 24, and ONNX_CUDA=cuda12 fetches ONNX Runtime's CUDA provider.
# The stages up to `build` are those of node.Dockerfile, word for word: their cache is shared.
ARG BASE=node:24-bookworm-slim
ARG BUILD_BASE=node:24-bookworm-slim

# Manifests alone, so that a change of source installs nothing again.
FROM ${BUILD_BASE} AS manifests
WORKDIR /src
COPY . .
RUN find . -type f ! -name package.json ! -name package-lock.json ! -name .npmrc -delete \
 && find . -type d -empty -delete

FROM ${BUILD_BASE} AS packages
WORKDIR /src
COPY --from=manifests /src ./
RUN npm ci --loglevel=error

FROM packages AS compiled
COPY . .
RUN node_modules/.bin/tsc -b apps/*/tsconfig.build.json && chmod -R a+rX apps libs models infra

FROM compiled AS build
ARG APP
RUN node tools/image.mjs files ${APP} /out && cp infra/docker/ready.sh /out/

FROM packages AS dependencies
ARG ONNX_CUDA=skip
RUN if [ "${ONNX_CUDA}" != skip ]; then \
      npm rebuild onnxruntime-node --ignore-scripts=false --onnxruntime-node-install=${ONNX_CUDA}; \
    fi
COPY tools/image.mjs tools/
ARG APP
RUN node tools/image.mjs packages ${APP} /out

FROM ${BASE} AS runtime
# A new volume takes over owner and mode of the folder it is mounted on.
RUN groupadd --gid 10001 trivium \
 && useradd --uid 10001 --gid 10001 --no-create-home --shell /usr/sbin/nologin trivium \
 && install --directory --owner=10001 --group=10001 --mode=0750 /var/lib/trivium/models
WORKDIR /srv
COPY --from=dependencies /out ./
COPY --from=build /out ./
ARG APP
ARG REVISION=""
ENV NODE_ENV=production TRIVIUM_SERVICE=${APP} TRIVIUM_REVISION=${REVISION} OPS_PORT=9400 \
    MODELS_DIR=/var/lib/trivium/models
WORKDIR /srv/apps/${APP}
USER 10001
EXPOSE 9400
HEALTHCHECK --interval=5s --timeout=3s --start-period=180s --retries=6 CMD ["bash", "/srv/ready.sh"]
CMD ["node", "--enable-source-maps", "--import", "@trivium/telemetry/register", "dist/main.js"]
