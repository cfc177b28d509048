"""All HTTP leaves through here: where connections may lead, how they are secured."""
