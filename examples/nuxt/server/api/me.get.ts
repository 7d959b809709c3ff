export default defineEventHandler((event) => event.context.visit.fetch('/me'))
