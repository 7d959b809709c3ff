// Express 5, jsonwebtoken, argon2 and better-sqlite3.
import { createHash, createSecretKey, randomBytes, randomUUID } from 'node:crypto'
import argon2 from 'argon2'
import Database from 'better-sqlite3'
import express from 'express'
import jwt from 'jsonwebtoken'

const { PORT, DATABASE_PATH, SYNCHRONOUS, JWT_SECRET, JWT_KEY_OBJECT } = process.env
/** A string, as in the library's examples, or the object that saves it work. */
const secret = JWT_KEY_OBJECT ? createSecretKey(JWT_SECRET, 'utf8') : JWT_SECRET
const HASH = { type: argon2.argon2id, memoryCost: 19_456, timeCost: 2, parallelism: 1 }
const REFRESH_SECONDS = 30 * 24 * 3600

const db = new Database(DATABASE_PATH)
db.pragma('journal_mode = WAL')
db.pragma(`synchronous = ${SYNCHRONOUS}`)
db.exec(`
  CREATE TABLE IF NOT EXISTS users (
    id TEXT PRIMARY KEY, username TEXT NOT NULL UNIQUE, email TEXT NOT NULL UNIQUE,
    password_hash TEXT NOT NULL, role TEXT NOT NULL, created_at INTEGER NOT NULL
  );
  CREATE TABLE IF NOT EXISTS refresh_tokens (
    token_hash TEXT PRIMARY KEY, user_id TEXT NOT NULL REFERENCES users (id), expires_at INTEGER NOT NULL
  );
`)

const addUser = db.prepare('INSERT INTO users VALUES (?, ?, ?, ?, ?, ?)')
const userByName = db.prepare('SELECT * FROM users WHERE username = ?')
const userById = db.prepare('SELECT id, username, email, role, created_at FROM users WHERE id = ?')
const addToken = db.prepare('INSERT INTO refresh_tokens VALUES (?, ?, ?)')
const consumeToken = db.prepare(
  'DELETE FROM refresh_tokens WHERE token_hash = ? AND expires_at > ? RETURNING user_id',
)

const rotate = db.transaction((refreshToken) => {
  const consumed = consumeToken.get(digest(refreshToken), now())
  return consumed && tokensFor(userById.get(consumed.user_id))
})

const app = express()
app.use(express.json())

app.get('/ready', (_request, response) => response.json({ ready: true }))

app.post('/register', async (request, response) => {
  const { username, email, password } = request.body
  const hash = await argon2.hash(password, HASH)
  const user = { id: randomUUID(), username, role: 'user' }
  addUser.run(user.id, username, email, hash, user.role, now())
  response.status(201).json(tokensFor(user))
})

app.post('/login', async (request, response) => {
  const { username, password } = request.body
  const user = userByName.get(username)
  if (!user || !(await argon2.verify(user.password_hash, password))) {
    return response.status(401).json({ error: 'wrong name or password' })
  }
  response.json(tokensFor(user))
})

app.post('/refresh', (request, response) => {
  const tokens = rotate(request.body.refreshToken)
  if (!tokens) return response.status(401).json({ error: 'no such token' })
  response.json(tokens)
})

app.get('/verify', authenticate, (request, response) => {
  const { sub, username, role, exp } = request.user
  response.json({ sub, username, role, exp })
})

app.get('/me', authenticate, (request, response) => {
  const user = userById.get(request.user.sub)
  if (!user) return response.status(401).json({ error: 'no such user' })
  response.json(user)
})

app.listen(Number(PORT), '127.0.0.1')

function authenticate(request, response, next) {
  const token = request.headers.authorization?.split(' ')[1]
  try {
    request.user = jwt.verify(token, secret, { algorithms: ['HS256'] })
  } catch {
    return response.status(401).json({ error: 'no valid token' })
  }
  next()
}

function tokensFor({ id, username, role }) {
  const refreshToken = randomBytes(32).toString('base64url')
  addToken.run(digest(refreshToken), id, now() + REFRESH_SECONDS)
  const accessToken = jwt.sign({ sub: id, username, role }, secret, { expiresIn: '1h' })
  return { accessToken, refreshToken }
}

function digest(token) {
  return createHash('sha256').update(token).digest('hex')
}

function now() {
  return Math.floor(Date.now() / 1000)
}
