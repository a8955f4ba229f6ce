"""From the configuration of alerts to rules, and to the receivers that are told."""

from pipeline.alerts import rules
from pipeline.alerts.receiver import Receiver
from pipeline.config.alerts import CameraDownRule, Channel, ComplianceRule, MqttChannel, Rule, WebhookChannel
from pipeline.errors import ConfigError
from pipeline.sinks.mqtt import Broker, Mqtt
from pipeline.sinks.webhook import Webhook


def rule_of(config: Rule) -> rules.Rule:
    """Return the rule that `config` describes."""
    if isinstance(config, ComplianceRule):
        return rules.ComplianceBelow(
            config.name,
            share=config.share,
            for_s=config.for_s,
            min_persons=config.min_persons,
            margin=config.margin,
            clear_s=config.clear_s,
        )
    if isinstance(config, CameraDownRule):
        return rules.CameraDown(config.name, for_s=config.for_s, clear_s=config.clear_s)
    return rules.NoFaces(config.name, for_s=config.for_s)


def receiver_of(config: Channel) -> Receiver:
    """Return the receiver of `config`, which connects to nothing yet; raise ConfigError where it can't be used."""
    try:
        return _mqtt(config) if isinstance(config, MqttChannel) else _webhook(config)
    except ConfigError as error:
        raise ConfigError(f"the channel {config.name} of the alerts can't be used: {error}") from error


# Logs have the operator's name of a channel: redaction can't know what of an address came from the environment.


def _webhook(config: WebhookChannel) -> Webhook:
    secret = None if config.secret is None else config.secret.get_secret_value()
    return Webhook(config.url.reveal(), secret, config.ca_file, name=f"webhook {config.name}")


def _mqtt(config: MqttChannel) -> Mqtt:
    broker = Broker(
        config.host,
        config.port,
        config.topic,
        username=config.username,
        password=None if config.password is None else config.password.get_secret_value(),
        tls=config.tls,
        ca_file=config.ca_file,
    )
    return Mqtt(broker, name=f"mqtt {config.name}")
