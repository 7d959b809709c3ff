import type { Texts } from '../en/texts.ts'

type Errors = Pick<Texts['errors'], keyof typeof import('../en/account-errors.ts').accountErrors>

export const accountErrors: Errors = {
  weak_password: {
    title: '密码强度不足',
    detail: '请更换密码，原因详见 errors。',
    explanation:
      '密码长度须为 8 到 128 个字符。不能是攻击者会首先尝试的常见密码；换成大写、用符号代替字母，或在前后加上年份、数字或符号都无济于事。如果服务器配有数据泄露密码库，密码不能出现在其中。密码不能包含用户名，也不能包含邮箱地址 @ 之前的部分。除此之外没有其他规则：空格、表情符号和整句话都可以使用。',
  },
  unauthenticated: {
    title: '未登录',
    detail: '请求中没有令牌。请以 Authorization: Bearer 发送访问令牌；刷新令牌用于 POST /refresh。',
    explanation:
      '请求中没有令牌。请通过 `POST /login` 登录，并以 `Authorization: Bearer …` 发送访问令牌。',
  },
  invalid_token: {
    title: '令牌无效',
    detail: '令牌无效。',
    explanation:
      '该令牌不是由本服务器为此用途签发的。伪造或损坏的令牌、其他服务器的令牌、类型不对的令牌，以及放在错误的请求头或字段中的令牌，都会得到此响应。',
  },
  token_expired: {
    title: '令牌已过期',
    detail: '访问令牌已过期，请通过 POST /refresh 获取新的令牌。',
    explanation:
      '访问令牌是真实的，但已过期，或者签发后账号的角色或密码发生了变更。会话仍然有效：请刷新令牌，然后重试该请求。',
  },
  session_ended: {
    title: '会话已结束',
    detail: '会话已结束，请重新登录。',
    explanation:
      '令牌是真实的，但其会话已结束：原因可能是退出登录、在其他设备上被结束、长时间没有刷新、密码已更改，或已使用过的刷新令牌被再次使用。更改密码之前的刷新令牌也会得到此响应。',
  },
  invalid_credentials: {
    title: '凭据无效',
    detail: '用户名或密码错误。',
    explanation:
      '响应不会说明两者中哪一个有误，以免他人借此探知谁拥有账号。对验证请求的错误回答也会得到此错误，此时 `attemptsLeft` 说明还可以尝试多少次。',
  },
  step_up_required: {
    title: '需要重新验证身份',
    detail: '执行此操作前请先验证身份：完成验证后再重复该请求。',
    explanation:
      '这是敏感操作：需要不早于 `max_age` 秒的身份验证；当 `acr_values` 为 `aal2` 时还需要第二重验证（RFC 9470）。请在 `POST /challenges/answer` 回答 `challenge`，保存响应中的令牌，并用它们重复该请求。会话仍然有效。',
  },
  second_factor_required: {
    title: '需要双重验证',
    detail: '还需要一项证明：请用第二重验证方式完成验证。',
    explanation:
      '该账号启用了双重验证，仅凭密码、邮件验证码或外部身份提供商无法登录。请用其中一种方式在 `POST /challenges/answer` 回答 `challenge`：响应即为会话。',
  },
  verification_required: {
    title: '邮箱地址未验证',
    detail: '邮箱地址尚未验证，请使用邮件中的验证码完成验证。',
    explanation:
      '密码正确，但本服务器不允许邮箱地址未验证的用户登录。带有验证码的邮件已发往该地址。请将验证码与此响应中的 `challenge` 一起发送到 `POST /challenges/answer`：这会验证地址并完成登录。',
  },
  second_factor_missing: {
    title: '未设置双重验证',
    detail: '此操作需要双重验证，而该账号尚未设置，请先添加一种。',
    explanation:
      '只有启用了双重验证的用户才能执行此操作，而该账号除密码外没有其他验证方式。请添加一种：在 `POST /challenges` 发起 `add_totp` 或 `add_passkey`。会话仍然有效。',
  },
  forbidden: {
    title: '禁止访问',
    detail: '您无权执行此操作。',
    explanation: '会话有效，但账号的角色不允许此请求。',
  },
  not_owner: {
    title: '不是所有者',
    detail: '只有所有者才能执行此操作。',
    explanation: '该资源属于其他人。只有其所有者或管理员才能更改。',
  },
  csrf_rejected: {
    title: '请求来源被拒绝',
    detail: 'Origin 请求头缺失或不被允许。',
    explanation:
      '使用或请求刷新 Cookie 的请求必须来自允许的来源：服务器自身的来源，或 `CORS_ORIGINS` 中列出的来源。浏览器会自动发送 `Origin`。其他客户端请使用 `"transport": "body"`，它不需要来源。',
  },
  registration_closed: {
    title: '注册已关闭',
    detail: '新账号需要邀请，请联系本站的运营者。',
    explanation:
      '并非任何人都可以在此创建账号（`REGISTRATION`）：账号由管理员创建，或通过邮件邀请。',
  },
  wrong_password: {
    title: '密码错误',
    detail: '当前密码错误。',
    explanation:
      '您已登录，但 `currentPassword` 不是您账号的密码。会话仍然有效：请重新询问密码。连续输错 10 次后，该会话须等待 15 分钟；在此之前，即使密码正确也会得到 `rate_limited`。重新登录后重新计数。',
  },
  email_unverified: {
    title: '邮箱地址未经提供商验证',
    detail: '提供商没有给出本服务器可视为已验证的邮箱地址。',
    explanation:
      '新账号需要已验证的邮箱地址。提供商没有发送地址，或发送了未经其验证的地址，而本服务器不发送邮件，无法自行验证。请在提供商处添加或验证地址，或用其他方式登录后再将提供商添加到您的账号。',
  },
  username_taken: {
    title: '用户名已被占用',
    detail: '该用户名已被占用。',
    explanation: '用户名不能重复，不区分大小写。',
  },
  email_taken: {
    title: '邮箱地址已被使用',
    detail: '已存在使用该邮箱地址的账号。',
    explanation: '邮箱地址不能重复，不区分大小写。请直接登录，或使用其他地址。',
  },
  last_admin: {
    title: '最后一名管理员',
    detail: '这是最后一名可用的管理员，请先将该角色授予其他账号。',
    explanation: '最后一名能够登录的管理员不能被降级、停用或删除，否则将没有人能够管理账号。',
  },
  last_credential: {
    title: '最后一种登录方式',
    detail: '这是该账号的最后一种登录方式，请先添加另一种。',
    explanation:
      '没有它，就再也没有人能登录该账号。请设置密码（在 `POST /challenges` 发起 `reset_password`），或添加通行密钥或其他提供商。',
  },
  identity_taken: {
    title: '外部身份已被使用',
    detail: '该外部身份属于另一个账号。',
    explanation: '提供商的这个账号已被添加到此处的另一个账号。请先用它登录，并在那里将其移除。',
  },
  challenge_over: {
    title: '验证已失效',
    detail: '此验证已失效，请重新开始。',
    explanation:
      '验证码或链接已无法使用：可能已过期、已被使用、已猜错五次，或账号在此期间发生了变更。损坏的验证也会得到此响应。请重新开始。',
  },
  provider_unavailable: {
    title: '身份提供商不可用',
    detail: '该提供商目前不可用，请稍后重试，或使用其他方式登录。',
    explanation:
      '外部提供商没有响应，或其响应无法被本服务器接受。其他登录方式仍然可用。原因记录在服务器日志中。',
  },
}
