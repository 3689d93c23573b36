using System.Buffers;
using System.Collections.Concurrent;
using System.Globalization;
using System.IO.Pipelines;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using ServiceQuality.Scores.Intake;
using ServiceQuality.Scoring;

namespace ServiceQuality.Scores.Board;

/// <summary>An overview as it is sent: pieces of UTF-8 JSON, most of which it shares with the overviews before and after it.</summary>
/// <param name="Pieces">The body, piece by piece.</param>
/// <param name="Length">Bytes of the whole body.</param>
/// <param name="Tag">ETag, with quotes.</param>
/// <param name="View">Version of the view that it shows.</param>
/// <param name="BuiltAt">Monotone time of its making.</param>
internal sealed record OverviewAnswer(IReadOnlyList<ReadOnlyMemory<byte>> Pieces, long Length, string Tag, long View, long BuiltAt)
{
    private const int FlushAfter = 1 << 16;

    /// <summary>Writes the body.</summary>
    public async Task WriteAsync(PipeWriter writer, CancellationToken ct)
    {
        foreach (var piece in Pieces)
        {
            writer.Write(piece.Span);
            if (writer.UnflushedBytes >= FlushAfter)
                await writer.FlushAsync(ct);
        }
        await writer.FlushAsync(ct);
    }
}

/// <summary>
/// Overviews, put together from rows that are JSON already and kept per scope, period and detail. Those in use are made again beside the
/// requests whenever the board has changed, so that a request only sends what is there, at most a second old. What a caller may see is part of
/// the key: nobody gets what was made for another scope.
/// </summary>
internal sealed class Overview(ScoreBoard board, FactsPulse pulse, TimeProvider clock, ILogger<Overview> logger) : BackgroundService
{
    private const int MaxKept = 256;
    private static readonly byte[] UnitsFollow = ",\"units\":["u8.ToArray();
    private static readonly byte[] Comma = ","u8.ToArray();
    private static readonly TimeSpan Round = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan NewEnough = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan InUse = TimeSpan.FromMinutes(2);

    // The counts of facts move without the board; ten seconds old is new enough for them.
    private static readonly TimeSpan Keep = TimeSpan.FromSeconds(10);
    private readonly ConcurrentDictionary<Key, Kept> _kept = new();
    private readonly string _run = clock.GetUtcNow().ToUnixTimeMilliseconds().ToString("x", CultureInfo.InvariantCulture);

    /// <summary>The overview of the subtrees with these paths.</summary>
    public async Task<OverviewAnswer> ReadAsync(IReadOnlyList<string> scope, Period period, bool withIndicators, CancellationToken ct)
    {
        var view = await board.ViewAsync(period, ct);
        var key = new Key(string.Join('|', scope.Prepend(scope.Count.ToString(CultureInfo.InvariantCulture))), period, withIndicators);
        if (!_kept.TryGetValue(key, out var kept))
        {
            if (_kept.Count >= MaxKept)
                _kept.Clear();
            kept = _kept.GetOrAdd(key, static (_, scope) => new Kept(scope), scope);
        }
        kept.AskedAt = clock.GetTimestamp();
        if (kept.Answer is { } answer && clock.GetElapsedTime(answer.BuiltAt) < (answer.View == view.Version ? Keep : NewEnough))
            return answer;

        // Whoever comes at the same time waits for the same answer.
        lock (kept)
            return IsCurrent(kept, view) ? kept.Answer! : kept.Answer = Build(view, key, kept.Scope);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            var started = clock.GetTimestamp();
            try
            {
                foreach (var (key, kept) in _kept)
                    await RenewAsync(key, kept, stoppingToken);
            }
            catch (TemporarilyUnavailableException e)
            {
                logger.LogDebug(e, "Overviews could not be renewed; trying again");
            }
            catch (OperationCanceledException)
            {
                return;
            }

            // With many scopes in use the work stays a small part of the time; requests then make what they need themselves.
            var took = clock.GetElapsedTime(started);
            await Task.Delay(took * 4 > Round ? took * 4 : Round, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task RenewAsync(Key key, Kept kept, CancellationToken ct)
    {
        if (clock.GetElapsedTime(kept.AskedAt) > InUse)
        {
            _kept.TryRemove(new(key, kept));
            return;
        }
        var view = await board.ViewAsync(key.Period, ct);
        if (IsCurrent(kept, view))
            return;
        var answer = Build(view, key, kept.Scope);
        lock (kept)
        {
            if (kept.Answer is null || kept.Answer.View <= answer.View)
                kept.Answer = answer;
        }
    }

    private bool IsCurrent(Kept kept, BoardView view) => kept.Answer is { } answer && answer.View >= view.Version && clock.GetElapsedTime(answer.BuiltAt) < Keep;

    private OverviewAnswer Build(BoardView view, Key key, IReadOnlyList<string> scope)
    {
        List<BoardRow> rows = [.. view.Rows.Where(row => scope.Any(path => row.Unit.Path.StartsWith(path, StringComparison.Ordinal)))];
        var top = rows.Find(row => scope.Contains(row.Unit.Path)) ?? rows.FirstOrDefault();
        var (facts, lag) = (rows.Sum(row => pulse.LastHour(row.Unit.Id)), pulse.LagP95());

        var pieces = new List<ReadOnlyMemory<byte>>(2 * rows.Count + 4) { Head(view, key.Period) };
        pieces.Add(top is null ? "null"u8.ToArray() : top.Json(key.Indicators));
        pieces.Add(UnitsFollow);
        var isFirst = true;
        foreach (var row in rows)
        {
            if (ReferenceEquals(row, top))
                continue;
            if (!isFirst)
                pieces.Add(Comma);
            isFirst = false;
            pieces.Add(row.Json(key.Indicators));
        }
        pieces.Add(Tail(rows, facts, lag));

        var state = string.Create(CultureInfo.InvariantCulture, $"{key.Scope}|{key.Period}|{key.Indicators}|{view.Version}|{view.AsOf.UtcTicks}|{facts}|{lag}");
        var tag = $"\"{_run}-{view.Version.ToString(CultureInfo.InvariantCulture)}-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(state))).AsSpan(0, 16)}\"";
        return new(pieces, pieces.Sum(piece => (long)piece.Length), tag, view.Version, clock.GetTimestamp());
    }

    /// <summary>From the first brace to where the organisation's row stands.</summary>
    private static byte[] Head(BoardView view, Period period)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, ScoreJson.Writer))
        {
            json.WriteStartObject();
            json.WriteString("asOf", view.AsOf);
            json.WriteString("period", period.ToString());
            json.WriteStartObject("scheme");
            json.WriteString("id", view.Scheme.Id);
            json.WriteNumber("version", view.Scheme.Version);
            json.WriteEndObject();
            json.WritePropertyName("organisation");
        }
        return buffer.ToArray();
    }

    /// <summary>From the end of the units to the last brace.</summary>
    private static byte[] Tail(List<BoardRow> rows, long facts, double? lag)
    {
        using var buffer = new MemoryStream();
        buffer.Write("],"u8);
        var heard = rows.Where(row => row.HasFacts).Select(row => row.Unit.Id).ToHashSet();
        // Written as an object of its own, whose first brace is left out.
        using var rest = new MemoryStream();
        using (var json = new Utf8JsonWriter(rest, ScoreJson.Writer))
        {
            json.WriteStartObject();
            json.WriteStartArray("notScored");
            foreach (var row in rows)
            {
                // The uppermost silent units only.
                if (!row.HasFacts && row.Unit is { State: "active", Parent: { } parent } && heard.Contains(parent))
                {
                    json.WriteStartObject();
                    json.WriteString("id", row.Unit.Id);
                    json.WriteString("code", row.Unit.Code);
                    json.WriteStartObject("name");
                    json.WriteString("zh", row.Unit.NameZh);
                    json.WriteString("en", row.Unit.NameEn);
                    json.WriteEndObject();
                    json.WriteEndObject();
                }
            }
            json.WriteEndArray();
            json.WriteStartObject("facts");
            json.WriteNumber("lastHour", facts);
            json.WritePropertyName("lagP95Seconds");
            if (lag is { } seconds)
                json.WriteNumberValue(Math.Round(seconds, 3));
            else
                json.WriteNullValue();
            json.WriteEndObject();
            json.WriteEndObject();
        }
        buffer.Write(rest.GetBuffer().AsSpan(1, (int)rest.Length - 1));
        return buffer.ToArray();
    }

    private sealed record Key(string Scope, Period Period, bool Indicators);

    private sealed class Kept(IReadOnlyList<string> scope)
    {
        private OverviewAnswer? _answer;
        private long _askedAt;

        public IReadOnlyList<string> Scope => scope;

        public OverviewAnswer? Answer
        {
            get => Volatile.Read(ref _answer);
            set => Volatile.Write(ref _answer, value);
        }

        public long AskedAt
        {
            get => Volatile.Read(ref _askedAt);
            set => Volatile.Write(ref _askedAt, value);
        }
    }
}
