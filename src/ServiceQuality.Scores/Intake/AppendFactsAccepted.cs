using System.Diagnostics;
using ServiceQuality.Contracts.Facts;
using ServiceQuality.Messaging;
using ServiceQuality.Scores.Branches;
using ServiceQuality.Scores.Journals;

namespace ServiceQuality.Scores.Intake;

/// <summary>
/// Writes an accepted batch to the journals of its units. Facts of a unit that is not in the local tree yet are kept under its id and scored
/// once the tree has it: nothing that was accepted is dropped (MON-05). Telemetry was checked where it came in; what services publish (no key) is checked here.
/// </summary>
internal sealed class AppendFactsAccepted(IScoreTier tier, FactsPulse pulse, TimeProvider clock) : IDurableHandler<FactsAccepted>
{
    public async Task HandleAsync(FactsAccepted message, bool redelivered, CancellationToken ct)
    {
        using var activity = ScoresTelemetry.Activities.StartActivity("append facts", ActivityKind.Consumer, parentContext: Parent(message));
        activity?.SetTag("facts", message.Facts.Count);
        activity?.SetTag("batch", message.Batch);

        var now = clock.GetUtcNow();
        List<RefusedFact> refused = [];
        foreach (var fact in message.Key is null ? message.Facts : [])
        {
            if (DomainDoor.Refuse(fact, message.Received, now) is { } pointer)
                refused.Add(new(fact, pointer));
        }
        await AppendAsync(message, refused.Count == 0 ? message.Facts : [.. message.Facts.Where(fact => !refused.Exists(one => ReferenceEquals(one.Fact, fact)))], redelivered, ct);
        if (refused.Count == 0)
            return;
        if (!redelivered)
            ScoresTelemetry.Refused.Add(refused.Count);
        throw new FactsRefusedException(refused);
    }

    private async Task AppendAsync(FactsAccepted message, IReadOnlyList<AcceptedFact> facts, bool redelivered, CancellationToken ct)
    {
        IReadOnlyList<BatchOrigin> origins = [BatchOrigin.Of(message)];
        var appends = new List<Task>();
        foreach (var unit in facts.GroupBy(fact => fact.Unit))
        {
            Entry[] entries = [.. unit.Select(fact => Entry.Of(fact, message.Received, message.Batch))];
            appends.Add(AppendAsync(unit.Key, new FactsAppend(entries, origins, redelivered), message.Received, ct));
            origins = [];
        }
        await Task.WhenAll(appends);
    }

    private async Task AppendAsync(Guid unit, FactsAppend append, DateTimeOffset received, CancellationToken ct)
    {
        await tier.AppendAsync(unit, append, ct);
        pulse.Scored(clock.GetUtcNow() - received);
    }

    /// <summary>The trace of the POST, even when the bus carries another one.</summary>
    private static ActivityContext Parent(FactsAccepted message) =>
        ActivityContext.TryParse(message.TraceParent, null, isRemote: true, out var post) ? post : Activity.Current?.Context ?? default;
}
