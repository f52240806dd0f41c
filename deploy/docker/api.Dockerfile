# The API and the one-shot jobs (migrate, setup): plain JavaScript, so the small base image suffices.
# To try another runtime: docker build --build-context node=docker-image://node:24-alpine …
FROM node:20.20.2-alpine@sha256:fb4cd12c85ee03686f6af5362a0b0d56d50c58a04632e6c0fb8363f609372293 AS node

FROM node AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts
COPY . .
RUN npx tsc -p tsconfig.build.json

FROM node AS dependencies
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# The worker's native library has no musl build, and this image does not load it: 137 MB less.
RUN npm ci --ignore-scripts --omit=dev && rm -rf node_modules/@temporalio/core-bridge/releases

FROM node AS runtime
# The base is no longer rebuilt, so this step installs Alpine's fixes. The runtime needs Node, and no package manager.
RUN apk upgrade --no-cache \
 && rm -rf /usr/local/lib/node_modules /opt/yarn* \
      /usr/local/bin/npm /usr/local/bin/npx /usr/local/bin/corepack /usr/local/bin/yarn /usr/local/bin/yarnpkg
WORKDIR /app
COPY --from=dependencies /app/node_modules ./node_modules
COPY --from=build /app/package.json ./
COPY --from=build /app/db/migrations ./db/migrations
COPY --from=build /app/dist ./dist
STOPSIGNAL SIGTERM
ENTRYPOINT ["node"]

# Substitutes for a developer's machine: the key service stores its keys in /data.
FROM runtime AS local
RUN mkdir /data && chown 10001:10001 /data
VOLUME /data
USER 10001:10001
CMD ["dist/local/kms-server.js"]

# Last, so that a build without a target is the service.
FROM runtime AS api
ENV NODE_ENV=production
RUN rm -rf dist/local
# Numeric, so that Kubernetes can verify that it is not root. This user cannot write any file of the image.
USER 10001:10001
EXPOSE 8080 9090
CMD ["dist/bin/api.js"]
