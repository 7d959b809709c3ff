"""A script that was written for a Flask application: a form to sign up and in, JSON for the rest."""
import json
import sys
from urllib.parse import urlencode
from urllib.request import Request, urlopen

API = sys.argv[1]


def post_form(path, **fields):
    with urlopen(API + path, data=urlencode(fields).encode()) as response:
        return json.load(response)


def post_json(path, **fields):
    headers = {'Content-Type': 'application/json'}
    with urlopen(Request(API + path, json.dumps(fields).encode(), headers)) as response:
        return json.load(response)


def with_token(method, path, token):
    headers = {'Authorization': 'Bearer ' + token}
    with urlopen(Request(API + path, headers=headers, method=method)) as response:
        return json.load(response)


who = {'username': 'lyshark', 'password': 'correct horse battery staple'}
post_form('/register', email='lyshark@example.com', **who)
tokens = post_form('/login', **who)
print(with_token('GET', '/dashboard', tokens['access_token'])['logged_in_as'])
tokens = post_json('/login', **who)
access_token = with_token('POST', '/refresh', tokens['refresh_token'])['access_token']
print(with_token('GET', '/dashboard', access_token)['logged_in_as'])
with_token('POST', '/logout', access_token)
print('logged out')
