// Configuration files with config providers and references, compared with Kafka's own classes. Same format as in
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references of configuration files look like that
// awkward-configurations.ts.
import { type AwkwardConfiguration, on, two } from './awkward-configurations.ts'

const providers = [
  'config.providers = file,dir,env',
  'config.providers.file.class = org.apache.kafka.common.config.provider.FileConfigProvider',
  'config.providers.dir.class = org.apache.kafka.common.config.provider.DirectoryConfigProvider',
  'config.providers.env.class = org.apache.kafka.common.config.provider.EnvVarConfigProvider',
  '',
].join('\n')
const envOnly = (list: string) =>
  `config.providers =${list}\nconfig.providers.env.class = org.apache.kafka.common.config.provider.EnvVarConfigProvider\n`

export const awkwardProviders: readonly AwkwardConfiguration[] = [
  {
    name: 'references to all providers',
    text: `${on}${providers}a.sasl.jaas.config = \${file:{dir}/secrets.properties:jaas}\nb.sasl.jaas.config = \${dir:{dir}/mounted:jaas}\na.client.id = \${env:GODWIT_TEST_ID}\n`,
    files: { 'secrets.properties': 'jaas = from the file\n', 'mounted/jaas': 'from the directory\n' },
    env: { GODWIT_TEST_ID: 'from the environment' },
  },
  {
    name: 'several references in one value',
    text: `${on}${providers}topics = \${env:GODWIT_TEST_A}.*,\${env:GODWIT_TEST_B}-\${env:GODWIT_TEST_A}\n`,
    env: { GODWIT_TEST_A: 'x', GODWIT_TEST_B: 'y' },
  },
  {
    name: 'references to missing files, keys and variables',
    text: `${on}${providers}topics = \${env:GODWIT_TEST_NONE},\${file:{dir}/s:none},\${other:x},\${file:key},\${dir:key}\n`,
    files: { s: 'a=1\n' },
  },
  { name: 'a reference to a missing file', text: `${on}${providers}a.client.id = \${file:{dir}/none:x}\n` },
  { name: 'a reference to a directory that is none', text: `${on}${providers}a.client.id = \${dir:{dir}/none:x}\n` },
  {
    name: 'a file that is not UTF-8 text',
    text: `${on}${providers}a.client.id = \${file:{dir}/s:x}\n`,
    files: { s: 'x=\\u00e9\n' },
  },
  { name: 'an environment reference with a path', text: `${on}${providers}a.client.id = \${env:path:GODWIT_TEST_A}\n` },
  {
    name: 'enabled by reference',
    text: `${two}${providers}a->b.enabled = \${env:GODWIT_TEST_ON}\nemit.heartbeats.enabled = false\n`,
    env: { GODWIT_TEST_ON: 'true' },
  },
  {
    name: 'enabled by a reference to a provider with a leading blank',
    text: `${two}${envOnly(' file, env')}config.providers.file.class = org.apache.kafka.common.config.provider.FileConfigProvider\na->b.enabled = \${env:GODWIT_TEST_ON}\n`,
    env: { GODWIT_TEST_ON: 'true' },
  },
  {
    name: 'enabled by a reference to a provider with a leading blank, no heartbeats',
    text: `${two}${envOnly(' file, env')}config.providers.file.class = org.apache.kafka.common.config.provider.FileConfigProvider\na->b.enabled = \${env:GODWIT_TEST_ON}\nemit.heartbeats.enabled = false\n`,
    env: { GODWIT_TEST_ON: 'true' },
  },
  {
    name: 'a reference within a reference',
    text: `${on}${providers}topics = \${env:GODWIT_TEST_C}\n`,
    env: { GODWIT_TEST_C: '${env:GODWIT_TEST_A}', GODWIT_TEST_A: 'x' },
  },
  {
    name: 'clusters by reference',
    text: `${two}${providers}clusters = \${env:GODWIT_TEST_CLUSTERS}\na->b.enabled = true\n`,
    env: { GODWIT_TEST_CLUSTERS: 'a, b' },
  },
  {
    name: 'a provider without a class',
    text: `${on}config.providers = env\ntopics = \${env:GODWIT_TEST_A}\n`,
    env: { GODWIT_TEST_A: 'x' },
  },
  {
    name: 'a provider of an unknown class',
    text: `${on}config.providers = x\nconfig.providers.x.class = com.example.Vault\n`,
  },
  {
    name: 'an environment with an allow list',
    text: `${on}${envOnly('env')}config.providers.env.param.allowlist.pattern = GODWIT_.*_A\ntopics = \${env:GODWIT_TEST_A},\${env:GODWIT_TEST_B}\n`,
    env: { GODWIT_TEST_A: 'x', GODWIT_TEST_B: 'y' },
  },
  {
    name: 'an allow list that is not a valid pattern',
    text: `${on}${envOnly('env')}config.providers.env.param.allowlist.pattern = *\n`,
  },
  {
    name: 'allowed paths',
    text: `${on}${providers}config.providers.file.param.allowed.paths = {dir}/in\nconfig.providers.dir.param.allowed.paths = {dir}/in\na.client.id = \${file:{dir}/in/s:x}\nb.client.id = \${file:{dir}/out/s:x}\na.rack = \${dir:{dir}/in/../out:s}\n`,
    files: { 'in/s': 'x=inside\n', 'out/s': 'x=outside\n' },
  },
  {
    name: 'an allowed path that does not exist',
    text: `${on}${providers}config.providers.file.param.allowed.paths = {dir}/none\n`,
  },
  {
    name: 'an allowed path that is relative',
    text: `${on}${providers}config.providers.file.param.allowed.paths = in\n`,
  },
  {
    name: 'a provider list with an empty item',
    text: `${on}${envOnly('env,')}topics = \${env:GODWIT_TEST_A}\n`,
    env: { GODWIT_TEST_A: 'x' },
  },
  {
    name: 'providers configured under the flow',
    text: `${on}${envOnly('env')}a->b.config.providers = env, more\ntopics = \${env:GODWIT_TEST_C}\n`,
    env: { GODWIT_TEST_C: '${env:GODWIT_TEST_A}', GODWIT_TEST_A: 'x' },
  },
]
