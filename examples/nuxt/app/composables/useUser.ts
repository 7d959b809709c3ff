/** Whoever is signed in; others are sent to the sign-in. */
export async function useUser() {
  const { data, error } = await useFetch<{ username: string }>('/api/me')
  if (error.value?.statusCode === 401) await navigateTo('/sign-in')
  return data
}
