// Node-RED as the benchmark starts it: no editor, nothing sent home.
module.exports = {
    uiHost: '127.0.0.1',
    uiPort: process.env.PORT,
    flowFile: 'flows.json',
    httpAdminRoot: false,
    credentialSecret: false,
    telemetry: { enabled: false, updateNotification: false },
    logging: { console: { level: 'warn' } },
};
