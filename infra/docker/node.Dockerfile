# Image of a service without models: docker build -f infra/docker/node.Dockerfile --build-arg APP=router .
# Up to `build` no stage knows the service's name, so that the images of all services share them.
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
COPY tools/image.mjs tools/
ARG APP
RUN node tools/image.mjs packages ${APP} /out

FROM ${BASE} AS runtime
# Debian packages that one service needs, such as fonts.
ARG DEBIAN_PACKAGES=""
RUN groupadd --gid 10001 trivium \
 && useradd --uid 10001 --gid 10001 --no-create-home --shell /usr/sbin/nologin trivium \
 && install -d -o trivium -g trivium -m 0700 /var/lib/trivium/home \
 && if [ -n "${DEBIAN_PACKAGES}" ]; then \
      apt-get update -qq && apt-get install -y -qq --no-install-recommends ${DEBIAN_PACKAGES} \
      && apt-get clean && rm -rf /var/lib/apt/lists/*; \
    fi
WORKDIR /srv
COPY --from=dependencies /out ./
COPY --from=build /out ./
ARG APP
ARG REVISION=""
ENV NODE_ENV=production TRIVIUM_SERVICE=${APP} TRIVIUM_REVISION=${REVISION} OPS_PORT=9400
WORKDIR /srv/apps/${APP}
USER 10001
EXPOSE 9400
HEALTHCHECK --interval=5s --timeout=3s --start-period=120s --retries=6 CMD ["bash", "/srv/ready.sh"]
CMD ["node", "--enable-source-maps", "--import", "@trivium/telemetry/register", "dist/main.js"]
