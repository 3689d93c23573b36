using ServiceQuality.Cli;

return await SqCommand.RunAsync(args, Surroundings.OfProcess());
