using System.Diagnostics;
using System.Text.Json;
using System.Text.Unicode;
using Microsoft.Extensions.Options;
using ServiceQuality.Access;
using ServiceQuality.Contracts.Facts;
using ServiceQuality.Messaging;
using ServiceQuality.Monitoring.Units;

namespace ServiceQuality.Monitoring.Telemetry;

/// <summary>The answer to a POST: counts, and each item that was not accepted.</summary>
/// <param name="Batch">Id of the batch, also in the journal.</param>
/// <param name="Accepted">Items that are durable now.</param>
/// <param name="Duplicate">Items that had been accepted before; no effect.</param>
/// <param name="Rejected">Items that were refused.</param>
/// <param name="Items">The items that were not accepted, in the order of the request.</param>
internal sealed record IntakeAnswer(Guid Batch, int Accepted, int Duplicate, int Rejected, IReadOnlyList<ItemAnswer> Items);

/// <summary>Why one item was not accepted.</summary>
/// <param name="Index">Position in the request, from 0.</param>
/// <param name="Status">duplicate or rejected.</param>
/// <param name="Code">Stable reason.</param>
/// <param name="Pointer">JSON Pointer to the field within the item.</param>
/// <param name="Retryable">True when the very same item may be accepted later.</param>
internal sealed record ItemAnswer(int Index, string Status, string Code, string Pointer, bool Retryable);

/// <summary>Takes the events of one POST: judges each, drops repetitions, makes the rest durable as one message (MON-05).</summary>
internal sealed class Intake(
    UnitDirectory units, SeenFacts seen, IDurableSender sender, IntakeStatistics statistics, IOptions<IntakeSettings> settings, TimeProvider clock, ILogger<Intake> logger)
{

    /// <summary>
    /// Takes the events in <paramref name="json"/>, one or an array of them. The memory is free again when the task is done.
    /// </summary>
    /// <exception cref="JsonException">It is no JSON.</exception>
    /// <exception cref="TooManyItemsException">There are more items than one POST may carry.</exception>
    /// <exception cref="TemporarilyUnavailableException">Nothing was accepted; the same POST may be sent again.</exception>
    public async Task<IntakeAnswer> TakeAsync(ReadOnlyMemory<byte> json, bool isBatch, Caller caller, CancellationToken ct)
    {
        if (!Utf8.IsValid(json.Span))
            throw new JsonException("The text is not UTF-8.");
        using var document = JsonDocument.Parse(json);
        var root = document.RootElement;
        if (isBatch && root.ValueKind != JsonValueKind.Array)
            throw new JsonException("A batch is an array of events.");
        var count = isBatch ? root.GetArrayLength() : 1;
        if (count > settings.Value.MaxItems)
            throw new TooManyItemsException(count, settings.Value.MaxItems);

        var now = clock.GetUtcNow();
        var tally = new IntakeTally(now);
        var answers = new List<ItemAnswer>();
        var candidates = Read(root, isBatch, count, new EventReader(units, caller.Scope(Permissions.PostTelemetry), now, settings.Value, IsSuspicious(json.Span)), answers, tally);
        if (candidates.Count > 0)
            await DropRepetitionsAsync(candidates, answers, tally, ct);

        var batch = Guid.CreateVersion7(now);
        if (candidates.Count > 0)
        {
            await sender.SendAsync(new FactsAccepted(batch, caller.IsMachine ? caller.Subject : null, Activity.Current?.Id, now, Facts(candidates)), ct);
            await RememberAsync(candidates);
        }

        foreach (var (_, accepted) in candidates)
            tally.Accept(accepted.Fact, accepted.Feed);
        statistics.Add(tally);
        answers.Sort(static (one, other) => one.Index.CompareTo(other.Index));
        var duplicates = answers.Count(answer => answer.Status == "duplicate");
        return new IntakeAnswer(batch, candidates.Count, duplicates, answers.Count - duplicates, answers);
    }

    private static List<(int Index, Candidate Item)> Read(JsonElement root, bool isBatch, int count, EventReader reader, List<ItemAnswer> answers, IntakeTally tally)
    {
        var candidates = new List<(int, Candidate)>(count);
        if (!isBatch)
        {
            Judge(0, root);
            return candidates;
        }

        var index = 0;
        foreach (var item in root.EnumerateArray())
            Judge(index++, item);
        return candidates;

        void Judge(int at, JsonElement item)
        {
            if (reader.Read(item, out var candidate) is { } refusal)
                Refuse(answers, tally, at, refusal, reader.Unit?.Id ?? Guid.Empty);
            else
                candidates.Add((at, candidate));
        }
    }

    private async Task DropRepetitionsAsync(List<(int Index, Candidate Item)> candidates, List<ItemAnswer> answers, IntakeTally tally, CancellationToken ct)
    {
        var keys = new Guid[candidates.Count];
        for (var at = 0; at < keys.Length; at++)
            keys[at] = candidates[at].Item.Key;
        var known = await seen.FindAsync(keys, ct);
        var here = new Dictionary<Guid, long>(keys.Length);
        candidates.RemoveAll(candidate =>
        {
            var (key, payload) = (candidate.Item.Key, candidate.Item.Payload);
            if (!known.TryGetValue(key, out var before) && here.TryAdd(key, payload))
                return false;
            if (!known.ContainsKey(key))
                before = here[key];
            Refuse(answers, tally, candidate.Index, before == payload ? Refusal.Duplicate : Refusal.Conflict, candidate.Item.Fact.Unit);
            return true;
        });
    }

    private static void Refuse(List<ItemAnswer> answers, IntakeTally tally, int index, Refusal refusal, Guid unit)
    {
        tally.Refuse(unit, refusal.Code);
        answers.Add(new ItemAnswer(index, ReferenceEquals(refusal, Refusal.Duplicate) ? "duplicate" : "rejected", refusal.Code, refusal.Pointer, refusal.Retryable));
    }

    private static AcceptedFact[] Facts(List<(int Index, Candidate Item)> candidates)
    {
        var facts = new AcceptedFact[candidates.Count];
        for (var at = 0; at < facts.Length; at++)
            facts[at] = candidates[at].Item.Fact;
        return facts;
    }

    /// <summary>The facts are durable already: whatever happens here, the answer is that they were accepted.</summary>
    private async Task RememberAsync(List<(int Index, Candidate Item)> candidates)
    {
        var (keys, payloads) = (new Guid[candidates.Count], new long[candidates.Count]);
        for (var at = 0; at < keys.Length; at++)
            (keys[at], payloads[at]) = (candidates[at].Item.Key, candidates[at].Item.Payload);
        try
        {
            await seen.RememberAsync(keys, payloads, CancellationToken.None);
        }
        catch (Exception failure)
        {
            logger.LogWarning("Accepted facts could not be noted; their repetition will be dropped by the journal: {Reason}", failure.Message);
        }
    }

    private static bool IsSuspicious(ReadOnlySpan<byte> json)
    {
        for (var at = json.IndexOf("\\u"u8); at >= 0 && at + 5 < json.Length;)
        {
            var digits = json.Slice(at + 2, 4);
            if (digits.SequenceEqual("0000"u8) || digits[0] is (byte)'d' or (byte)'D')
                return true;
            var next = json[(at + 2)..].IndexOf("\\u"u8);
            at = next < 0 ? -1 : at + 2 + next;
        }
        return false;
    }
}

/// <summary>More items than one POST may carry.</summary>
internal sealed class TooManyItemsException(int items, int limit) : Exception($"The batch holds {items} items; at most {limit} are taken at once.");
