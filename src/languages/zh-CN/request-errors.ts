import type { Texts } from '../en/texts.ts'

type Errors = Pick<Texts['errors'], keyof typeof import('../en/request-errors.ts').requestErrors>

export const requestErrors: Errors = {
  validation_failed: {
    title: '校验未通过',
    detail: '请求无效，详见 errors。',
    explanation:
      '`errors` 中的每一项说明一个问题：位置（JSON 指针）、代码，以及一句给人看的说明。列表是完整的。未知字段、错误的 JSON 类型和超出范围的值都会被拒绝：服务器不做转换，也不会悄悄丢弃任何内容。',
  },
  malformed_request: {
    title: '请求格式错误',
    detail: '无法读取该请求。',
    explanation:
      '服务器无法解析该请求：请求体不是有效的 JSON、长度不符、URL 无效，或某个请求头有误。JSON 最多 20 层，成员和元素合计最多 1,000 个。`Host`、`Authorization` 和 `Content-Type` 只能各发送一次。',
  },
  not_found: {
    title: '未找到',
    detail: '此路径下没有内容。',
    explanation: '该路径或资源不存在，或者您无权查看。',
  },
  method_not_allowed: {
    title: '不支持该方法',
    detail: '此路径不支持该方法，请查看 Allow 响应头。',
    explanation: '该路径存在，但只支持其他方法。`Allow` 响应头列出了可用的方法。',
  },
  not_acceptable: {
    title: '没有可接受的格式',
    detail: 'Accept 请求头排除了此路径能够返回的所有媒体类型。',
    explanation:
      '请求的 `Accept` 头排除了该路径能够返回的所有媒体类型。API 路径返回 `application/json`。',
  },
  request_timeout: {
    title: '请求超时',
    detail: '请求未能及时到达。',
    explanation:
      '请求头或请求体到达得太慢，或者上传速度连续 5 秒低于每秒 4 KiB。服务器已关闭连接。',
  },
  project_no_taken: {
    title: '项目编号已被使用',
    detail: '已存在使用该项目编号的房源。',
    explanation: '项目编号不能重复。',
  },
  limit_reached: {
    title: '已达上限',
    detail: '已达到数量上限，请先删除一些。',
    explanation: '您拥有的数量已达到文档规定的上限。请先删除一个。',
  },
  precondition_failed: {
    title: '前提条件不满足',
    detail: '该资源的版本与请求所要求的不一致。',
    explanation:
      '`If-Match` 没有列出当前版本，或者 `If-None-Match` 列出了当前版本。在您读取之后，可能有人修改了该资源。请重新读取后再决定。',
  },
  payload_too_large: {
    title: '请求体过大',
    detail: '请求体过大。',
    explanation:
      '请求体超过了上限。JSON 请求体最大 64 KiB。照片最大 5 MiB，重新编码后最大 20 MiB。',
  },
  uri_too_long: {
    title: 'URL 过长',
    detail: '请求的 URL 过长。',
    explanation: '路径和查询字符串合计最多 8,192 个字符。',
  },
  unsupported_media_type: {
    title: '不支持的媒体类型',
    detail: '请以 application/json 格式发送请求体。',
    explanation:
      '请求体应为 UTF-8 编码的 `application/json`。`POST /register`、`POST /login` 和 `POST /refresh` 还接受 `application/x-www-form-urlencoded` 和 `multipart/form-data`。照片以 `multipart/form-data` 发送，内容必须是 JPEG、PNG 或 WebP，且不能是动图。',
  },
  idempotency_mismatch: {
    title: '幂等键已被使用',
    detail: '此 Idempotency-Key 属于另一个请求。',
    explanation:
      '一个 `Idempotency-Key` 对应一个请求。新请求请使用新的键，只有重试同一请求时才使用相同的键。',
  },
  rate_limited: {
    title: '请求过于频繁',
    detail: '请求过于频繁，请按 Retry-After 指定的时间等待。',
    explanation:
      '此类请求的频率限制已用完，`violated-policies` 给出了其名称。如果是某个会话输错密码次数过多，或某个用户同时进行的上传过多，则没有该成员。会话仍然有效。请按 `Retry-After` 给出的秒数等待，然后重试。响应头 `RateLimit-Policy` 说明多少秒内允许多少次请求（draft-ietf-httpapi-ratelimit-headers）。',
  },
  headers_too_large: {
    title: '请求头过大',
    detail: '请求的请求头过大。',
    explanation: '请求行和所有请求头合计最大 16 KiB，请求头最多 100 个。',
  },
  internal: {
    title: '服务器内部错误',
    detail: '服务器出错了。详细信息以此请求 ID 记录在服务器日志中。',
    explanation: '错误出在服务器端。详细信息记录在服务器日志中，请求 ID 见 `instance`。',
  },
  overloaded: {
    title: '服务器繁忙',
    detail: '服务器繁忙，请稍后重试。',
    explanation:
      '服务器的工作量超出了能及时处理的范围，因此提前拒绝了一部分请求。会话仍然有效。请按 `Retry-After` 给出的秒数等待，然后重试。',
  },
  unavailable: {
    title: '服务暂不可用',
    detail: '数据库暂不可用，请稍后重试。',
    explanation:
      '服务器无法连接数据库，或数据库被锁定。会话仍然有效。请按 `Retry-After` 给出的秒数等待，然后重试。',
  },
}
