using System.Runtime.InteropServices;
using System.Text.Json;
using ServiceQuality.Contracts.Facts;
using ServiceQuality.Scoring;

namespace ServiceQuality.Scores.Intake;

/// <summary>A fact that a service published and the journals do not take.</summary>
internal sealed record RefusedFact(AcceptedFact Fact, string Pointer)
{
    public override string ToString() => $"{Fact.Type} {Fact.Source} {Fact.Id}: {Pointer}";
}

/// <summary>
/// Some facts of a message cannot be taken; the others are written. The message goes to the error queue, where people see it, and may be sent again: by then a newer version may
/// know the type, and what was written is a duplicate.
/// </summary>
internal sealed class FactsRefusedException(IReadOnlyList<RefusedFact> refused) : Exception(
    $"{refused.Count} facts cannot be taken: {string.Join("; ", refused.Take(Named))}{(refused.Count > Named ? "; …" : "")}")
{
    private const int Named = 20;
}

/// <summary>
/// What telemetry is checked for at its own door, for the facts that services publish: a journal never forgets, so that what is out of range must not get in.
/// </summary>
internal static class DomainDoor
{
    private const int MostText = 256;
    private static readonly TimeSpan Ahead = TimeSpan.FromMinutes(5);

    /// <summary>Why a fact is refused, as the pointer to the field; null when it is taken.</summary>
    /// <param name="fact">The fact.</param>
    /// <param name="received">When its message says that it reached the suite; the facts of a message from a clock that is ahead wait for it in the error queue.</param>
    /// <param name="now">The time.</param>
    public static string? Refuse(AcceptedFact fact, DateTimeOffset received, DateTimeOffset now)
    {
        if (received > now + Ahead)
            return "/received";
        if (!IsName(fact.Source))
            return "/source";
        if (!IsName(fact.Id))
            return "/id";
        if (fact.Time > received + Ahead)
            return "/time";
        if (!FactReader.Known.Contains(fact.Type, StringComparer.Ordinal))
            return "/type";
        if (fact.Data.ValueKind != JsonValueKind.Object)
            return "/data";
        try
        {
            return FactLimits.Broken(FactReader.Read(fact.Type, JsonMarshal.GetRawUtf8Value(fact.Data)));
        }
        catch (JsonException misfit)
        {
            return "/data" + (misfit.Path is { Length: > 1 } path ? path[1..].Replace('.', '/') : "");
        }
    }

    private static bool IsName(string? text) => text is { Length: > 0 and <= MostText } && !text.Contains('\0', StringComparison.Ordinal);
}
