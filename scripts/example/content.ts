// What the people of the example have written.

type Note = { title: string; body: string; tags: string[] }
type House = { projectNo: string; projectName: string; projectAddress: string | null }

const NOTES: readonly Note[] = [
  note('Spare keys', 'Garage: second hook.\nCellar: with Ada.', 'home', 'keys'),
  note('周末清单', '给阳台的植物浇水。\n把书还给图书馆。\n买咖啡豆。', '生活'),
  note('Questions for the architect', 'How deep is the foundation?\nWho pays for the crane?'),
  note('Reading list', 'The Design of Everyday Things\nA Pattern Language', 'books'),
  note('会议记录：海景花园', '外墙颜色定为浅灰。\n十二月中旬验收。', '工作', '海景花园'),
  note('Bread', '500 g flour, 350 g water, 10 g salt.\nEighteen hours in the cold.', 'kitchen'),
  note('Wi-Fi for guests', 'The card is behind the clock.', 'home'),
  note('旅行计划', '高铁票已经买好，酒店还没有订。', '旅行'),
]

const SITES = [
  ['海景花园 Sea View Garden', '12 Harbour Road'],
  ['Old Mill', '3 Mill Lane'],
  ['江南里', '杭州市西湖区文三路 18 号'],
  ['Lighthouse Cottage', 'Cape Road, past the last bend'],
  ['Orchard Terrace', '41 Orchard Street'],
  ['云栖小筑', '昆明市盘龙区白云路 7 号'],
  ['Tin Roof', null],
  ['Birch House', '9 Forest Way'],
  ['梧桐公馆', '上海市徐汇区武康路 99 号'],
] as const

function note(title: string, body: string, ...tags: string[]): Note {
  return { title, body, tags }
}

/** So many notes that a list has several pages. */
export function someNotes(count: number): Note[] {
  return Array.from({ length: count }, (_, index) => {
    const { title, ...rest } = NOTES[index % NOTES.length] as Note
    const round = Math.floor(index / NOTES.length)
    return { ...rest, title: round === 0 ? title : `${title} (${round + 1})` }
  })
}

/** @param letters what their numbers begin with, such as `GD` */
export function someHouses(letters: string, count: number): House[] {
  return Array.from({ length: count }, (_, index) => {
    const [name, projectAddress] = SITES[index % SITES.length] ?? SITES[0]
    const round = Math.floor(index / SITES.length)
    const projectNo = `${letters}-2026-${String(index + 1).padStart(4, '0')}`
    return { projectNo, projectName: round === 0 ? name : `${name} ${round + 1}`, projectAddress }
  })
}
