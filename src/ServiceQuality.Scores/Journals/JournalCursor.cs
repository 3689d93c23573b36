using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Npgsql;
using ServiceQuality.Contracts.Facts;

namespace ServiceQuality.Scores.Journals;

/// <summary>
/// Journal rows as they stream in from the database, one at a time and in order. <see cref="Data"/> is good until the next
/// <see cref="MoveNextAsync"/>; nothing is held but the row at hand, however long the journal is.
/// </summary>
internal sealed class JournalCursor : IAsyncDisposable
{
    private const string Columns = "j.branch, j.seq, j.time, j.received, j.batch, j.type, j.source, j.id, j.data";
    private const int HeaderSize = 19;
    private static readonly string[] KnownTypes =
    [
        FactTypes.ServiceCompleted, FactTypes.FaultOpened, FactTypes.FaultRestored, FactTypes.Measurement,
        FactTypes.SurveyResponse, FactTypes.Deduction, FactTypes.Bonus, FactTypes.AdjustmentWithdrawn, .. FactTypes.Domain,
    ];

    private readonly NpgsqlConnection _connection;
    private readonly NpgsqlRawCopyStream _stream;
    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(1 << 16);
    private int _start;
    private int _end;
    private bool _begun;
    private bool _ended;
    private int _dataStart;
    private int _dataLength;
    private byte[] _sourceBytes = [];

    private JournalCursor(NpgsqlConnection connection, NpgsqlRawCopyStream stream)
    {
        _connection = connection;
        _stream = stream;
    }

    public int Branch { get; private set; }

    public long Seq { get; private set; }

    public DateTimeOffset Time { get; private set; }

    public DateTimeOffset Received { get; private set; }

    public Guid Batch { get; private set; }

    public string Type { get; private set; } = "";

    public string Source { get; private set; } = "";

    public string Id { get; private set; } = "";

    public ReadOnlySpan<byte> Data => _buffer.AsSpan(_dataStart, _dataLength);

    public JournalRow Row => new(Branch, Seq, Time, Received, Batch, Type, Source, Id, Data.ToArray());

    /// <summary>Rows of one branch with seq in (<paramref name="after"/>, <paramref name="upTo"/>] and received up to a moment.</summary>
    public static Task<JournalCursor> OpenAsync(NpgsqlDataSource db, int branch, long after, long upTo, DateTimeOffset? received, CancellationToken ct) =>
        OpenAsync(db, string.Create(CultureInfo.InvariantCulture,
            $"SELECT {Columns} FROM journal j WHERE j.branch = {branch} AND j.seq > {after} AND j.seq <= {upTo}{(received is { } moment ? $" AND j.received <= '{moment.UtcDateTime:yyyy-MM-ddTHH:mm:ss.ffffff}Z'::timestamptz" : "")} ORDER BY j.seq"), ct);

    /// <summary>Tails of many branches in one stream, branch after branch: for each the rows after the given seq.</summary>
    public static Task<JournalCursor> OpenTailsAsync(NpgsqlDataSource db, IEnumerable<(int Branch, long After)> tails, CancellationToken ct)
    {
        var list = tails.ToList();
        return OpenAsync(db,
            $"""
            SELECT {Columns} FROM unnest('{List(list.Select(tail => (long)tail.Branch))}'::integer[], '{List(list.Select(tail => tail.After))}'::bigint[]) WITH ORDINALITY AS t (branch, after, n)
            CROSS JOIN LATERAL (SELECT * FROM journal r WHERE r.branch = t.branch AND r.seq > t.after ORDER BY r.seq) AS j
            """, ct);
    }

    /// <summary>The next row; false at the end.</summary>
    public async ValueTask<bool> MoveNextAsync(CancellationToken ct)
    {
        while (!TryParse())
        {
            if (_ended)
                return false;
            await FillAsync(ct);
        }
        return true;
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            if (!_ended)
                await _stream.CancelAsync();
            await _stream.DisposeAsync();
        }
        catch (Exception failure) when (failure is NpgsqlException or IOException or ObjectDisposedException)
        {
            // The line broke: what the read said of it must not be hidden by what saying goodbye says.
        }
        await _connection.DisposeAsync();
        ArrayPool<byte>.Shared.Return(_buffer);
    }

    private static string List(IEnumerable<long> numbers) => $"{{{string.Join(',', numbers.Select(number => number.ToString(CultureInfo.InvariantCulture)))}}}";

    private static async Task<JournalCursor> OpenAsync(NpgsqlDataSource db, string select, CancellationToken ct)
    {
        // COPY takes no parameters; whatever stands in the text is a number or a time that was formatted here.
        var connection = await db.OpenConnectionAsync(ct);
        try
        {
            return new JournalCursor(connection, await connection.BeginRawBinaryCopyAsync($"COPY ({select}) TO STDOUT (FORMAT BINARY)", ct));
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    private async ValueTask FillAsync(CancellationToken ct)
    {
        if (_start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            _end -= _start;
            _start = 0;
        }
        if (_end == _buffer.Length)
        {
            var larger = ArrayPool<byte>.Shared.Rent(_buffer.Length * 2);
            _buffer.AsSpan(0, _end).CopyTo(larger);
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = larger;
        }

        var read = await _stream.ReadAsync(_buffer.AsMemory(_end), ct);
        _end += read;
        _ended = read == 0;
    }

    private bool TryParse()
    {
        var at = _start;
        if (!_begun)
        {
            if (_end - at < HeaderSize)
                return false;
            at += HeaderSize;
            _start = at;
            _begun = true;
        }
        if (_end - at < 2)
            return false;
        var fields = BinaryPrimitives.ReadInt16BigEndian(_buffer.AsSpan(at));
        at += 2;
        if (fields < 0)
        {
            _start = at;
            return false;
        }

        // Whole row there? Lengths first, values after.
        Span<int> starts = stackalloc int[9];
        Span<int> lengths = stackalloc int[9];
        for (var i = 0; i < fields; i++)
        {
            if (_end - at < 4)
                return false;
            lengths[i] = BinaryPrimitives.ReadInt32BigEndian(_buffer.AsSpan(at));
            starts[i] = at + 4;
            at += 4 + lengths[i];
            if (at > _end)
                return false;
        }

        var row = _buffer.AsSpan();
        Branch = BinaryPrimitives.ReadInt32BigEndian(row[starts[0]..]);
        Seq = BinaryPrimitives.ReadInt64BigEndian(row[starts[1]..]);
        Time = CopyRows.FromWire(BinaryPrimitives.ReadInt64BigEndian(row[starts[2]..]));
        Received = CopyRows.FromWire(BinaryPrimitives.ReadInt64BigEndian(row[starts[3]..]));
        Batch = new Guid(row.Slice(starts[4], 16), bigEndian: true);
        Type = TypeOf(row.Slice(starts[5], lengths[5]));
        Source = SourceOf(row.Slice(starts[6], lengths[6]));
        Id = Encoding.UTF8.GetString(row.Slice(starts[7], lengths[7]));
        (_dataStart, _dataLength) = (starts[8], lengths[8]);
        _start = at;
        return true;
    }

    private static string TypeOf(ReadOnlySpan<byte> name)
    {
        foreach (var known in KnownTypes)
        {
            if (known.Length == name.Length && Ascii.Equals(name, known))
                return known;
        }
        return Encoding.UTF8.GetString(name);
    }

    /// <summary>Neighbouring rows mostly come from the same source: one string serves them all.</summary>
    private string SourceOf(ReadOnlySpan<byte> name)
    {
        if (name.SequenceEqual(_sourceBytes))
            return Source;

        _sourceBytes = name.ToArray();
        return Encoding.UTF8.GetString(name);
    }
}
