// Writes the types of the client from openapi.yaml; --print prints them instead.
