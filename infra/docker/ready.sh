# Asks this container's own /health/ready; exit code 0 says yes. In the shell, because a Node process
# for each question would cost more than the service does at rest.
exec 3<>"/dev/tcp/127.0.0.1/${OPS_PORT}" || exit 1
printf 'GET /health/ready HTTP/1.0\r\n\r\n' >&3
read -r _ status _ <&3
[ "${status}" = 200 ]
