namespace ServiceQuality.Cli;

/// <summary>The command cannot start as it was called; the message tells the caller what to change.</summary>
internal sealed class UsageException(string message) : Exception(message);
