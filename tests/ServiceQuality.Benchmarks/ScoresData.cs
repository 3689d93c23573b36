using Npgsql;
using ServiceQuality.LocalServers;
using ServiceQuality.Messaging;
using ServiceQuality.Scores;
using ServiceQuality.Scores.Branches;
using ServiceQuality.Scores.Journals;
using ServiceQuality.Scoring;

namespace ServiceQuality.Benchmarks;

/// <summary>The database of a score service with a head office, ten regions and many branches.</summary>
internal sealed class ScoresData : IAsyncDisposable
{
    private const int Regions = 10;

    private ScoresData(string connectionString, int branches)
    {
        ConnectionString = connectionString;
        Db = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(connectionString) { SearchPath = ScoresService.Name });
        var now = TimeProvider.System.GetUtcNow();
        Units = [.. Enumerable.Range(0, branches).Select(_ => Guid.CreateVersion7(now))];
    }

    public string ConnectionString { get; }

    public NpgsqlDataSource Db { get; }

    /// <summary>The branches; the journal's number of each is its place + 1.</summary>
    public IReadOnlyList<Guid> Units { get; }

    /// <summary>Units that an overview lists below the head office.</summary>
    public int Rows => Units.Count + Regions;

    public static async Task<ScoresData> CreateAsync(PrivatePostgres postgres, string name, int branches, CancellationToken ct)
    {
        var data = new ScoresData(await PrivatePostgres.CreateDatabaseAsync(postgres.ConnectionString, name, ct), branches);
        await Migrator.ApplyAsync(data.Db, ScoresService.Name, typeof(ScoresService).Assembly, ct);
        await data.PlantAsync(ct);
        return data;
    }

    public LocalScoreTier NewTier() => new(Db, TimeProvider.System, MeasureCatalogue.Of(DefaultSchemes.Telecom), _ => BranchFacts.Zone);

    /// <summary>Copies facts with numbers from … to into the journal of every branch, as the writer would have left them.</summary>
    public async Task FillAsync(BranchFacts facts, int from, int to, CancellationToken ct)
    {
        await Task.WhenAll(Units.Select((_, branch) => branch).Chunk((Units.Count + 1) / 2).Select(part => Task.Run(() => CopyAsync(Db, "journal", facts, part.Select(branch => (branch, from, to)), ct), ct)));
        await using var heads = Db.CreateCommand("UPDATE branch SET head = $1, received = $2");
        heads.Parameters.Add(new() { Value = (long)to });
        heads.Parameters.Add(new() { Value = facts.Entry(0, to - 1).Received.UtcDateTime });
        await heads.ExecuteNonQueryAsync(ct);
        await using var analyse = Db.CreateCommand("ANALYZE");
        await analyse.ExecuteNonQueryAsync(ct);
    }

    /// <summary>One binary COPY of facts into a table with the journal's columns, in the order given.</summary>
    public static async Task CopyAsync(NpgsqlDataSource db, string table, BranchFacts facts, IEnumerable<(int Branch, int From, int To)> parts, CancellationToken ct)
    {
        await using var connection = await db.OpenConnectionAsync(ct);
        await using var stream = await connection.BeginRawBinaryCopyAsync($"COPY {table} ({CopyRows.Columns}) FROM STDIN (FORMAT BINARY)", ct);
        using var rows = new CopyRows();
        rows.Begin();
        foreach (var (branch, from, to) in parts)
        {
            for (var number = from; number < to; number++)
            {
                var entry = facts.Entry(branch, number);
                rows.Add(branch + 1, number + 1, entry.Received, entry);
            }
            if (rows.Length > 1 << 18)
            {
                await stream.WriteAsync(rows.Written, ct);
                rows.Clear();
            }
        }
        rows.End();
        await stream.WriteAsync(rows.Written, ct);
    }

    public ValueTask DisposeAsync() => Db.DisposeAsync();

    private async Task PlantAsync(CancellationToken ct)
    {
        var now = TimeProvider.System.GetUtcNow();
        var root = Guid.CreateVersion7(now);
        var regions = Enumerable.Range(0, Regions).Select(_ => Guid.CreateVersion7(now)).ToList();
        await using var connection = await Db.OpenConnectionAsync(ct);
        await using (var units = await connection.BeginBinaryImportAsync(
            "COPY unit (unit, version, code, name_zh, name_en, kind, contact_point, parent, path, time_zone, customers_served, state, changed) FROM STDIN (FORMAT BINARY)", ct))
        {
            await WriteAsync(root, "hq", "head-office", null, "hq/");
            for (var region = 0; region < Regions; region++)
                await WriteAsync(regions[region], $"r{region}", "region", root, $"hq/r{region}/");
            for (var branch = 0; branch < Units.Count; branch++)
                await WriteAsync(Units[branch], $"b{branch:0000}", "county-branch", regions[branch % Regions], $"hq/r{branch % Regions}/b{branch:0000}/");
            await units.CompleteAsync(ct);

            async Task WriteAsync(Guid id, string code, string kind, Guid? parent, string path) =>
                await units.WriteRowAsync(ct, id, 1L, code, $"单位 {code}", $"Unit {code}", kind, DBNull.Value, parent is { } above ? above : DBNull.Value, path, BranchFacts.Zone.Id, 1_000L, "active", now.UtcDateTime);
        }

        await using var branches = new NpgsqlCommand("INSERT INTO branch (unit) SELECT u FROM unnest($1::uuid[]) WITH ORDINALITY AS t (u, n) ORDER BY n", connection);
        branches.Parameters.Add(new NpgsqlParameter<Guid[]> { TypedValue = [.. Units] });
        await branches.ExecuteNonQueryAsync(ct);
    }
}
