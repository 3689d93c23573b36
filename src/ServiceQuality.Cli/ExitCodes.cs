using ServiceQuality.Cli.Telemetry;

namespace ServiceQuality.Cli;

/// <summary>What `sq` answers to the shell; part of its contract, listed in every `--help`.</summary>
internal static class ExitCodes
{
    public const int Done = 0;

    /// <summary>Carried out, but something was found: refused rows or judgements, a broken chain, hashes that differ.</summary>
    public const int Findings = 1;

    /// <summary>Arguments, a map or a file are not right; nothing was sent.</summary>
    public const int Usage = 2;

    public const int Unreachable = 3;
    public const int NotAllowed = 4;

    /// <summary>The suite refused the request: unknown unit, state that forbids it.</summary>
    public const int Refused = 5;

    /// <summary>Ctrl-C or SIGTERM, as shells count them.</summary>
    public const int Cancelled = 130;

    public const string Text = """
        Exit codes:
          0    done
          1    done, with findings: refused rows or judgements, broken audit chain, hashes that differ
          2    arguments, map or file are not right; nothing was sent
          3    the suite cannot be reached
          4    not signed in, or not allowed
          5    the suite refused the request
          130  cancelled
        """;

    public static int Of(CallFailure failure) => failure switch
    {
        CallFailure.Unreachable => Unreachable,
        CallFailure.NotAllowed => NotAllowed,
        _ => Refused,
    };
}
