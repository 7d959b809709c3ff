# The base image is named once, so that both stages and the final image agree.
ARG NODE_IMAGE=node:24.21-slim

FROM ${NODE_IMAGE} AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
COPY client/package.json client/
COPY examples/spa/package.json examples/spa/
COPY generators/package.json generators/
RUN npm ci
COPY tsconfig.json ./
COPY scripts/build.mjs scripts/build-admin-page.mjs scripts/build-client.mjs scripts/bundle-packages.mjs scripts/bundle-program.mjs scripts/client-module.mjs scripts/generate.mjs scripts/without-foreign-keys.mjs scripts/
COPY admin admin
COPY client client
COPY prisma prisma
COPY src src
RUN node scripts/build.mjs

FROM ${NODE_IMAGE} AS packages
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
COPY scripts/slim.mjs scripts/
RUN node scripts/slim.mjs

FROM ${NODE_IMAGE}
# Nothing is installed any more from here on: the package managers only widen the attack surface.
RUN rm -rf /usr/local/lib/node_modules /usr/local/bin/npm /usr/local/bin/npx /usr/local/bin/corepack \
      /opt/yarn* /usr/local/bin/yarn /usr/local/bin/yarnpkg \
    && mkdir /data && chown node:node /data
COPY --from=packages /app/node_modules /app/node_modules
COPY --from=build /app/prisma /app/prisma
COPY --from=build /app/dist /app/dist
COPY package.json LICENSE /app/
# PUBLIC_URL and SECRET (or SECRET_FILE) have no default here: the server says so when they are missing.
ENV NODE_ENV=production HOST=0.0.0.0 PORT=3000
# From here the default database, ./data/latchkey.db, lies in the volume.
WORKDIR /
USER node
VOLUME /data
EXPOSE 3000
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s --retries=3 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:' + process.env.PORT + '/livez').then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "/app/dist/main.js"]
