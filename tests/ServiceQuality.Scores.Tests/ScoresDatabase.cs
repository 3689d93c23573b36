using System.Text;
using Npgsql;
using ServiceQuality.Messaging;
using ServiceQuality.Scoring;
using ServiceQuality.Testing;

[assembly: AssemblyFixture(typeof(RealServers))]

namespace ServiceQuality.Scores.Tests;

/// <summary>A database of its own with the tables of the score service.</summary>
public sealed class ScoresDatabase : IAsyncDisposable
{
    private ScoresDatabase(string connectionString, NpgsqlDataSource source)
    {
        ConnectionString = connectionString;
        Source = source;
    }

    public string ConnectionString { get; }

    public NpgsqlDataSource Source { get; }

    public static async Task<ScoresDatabase> CreateAsync(RealServers servers)
    {
        var connectionString = await servers.CreateDatabaseAsync("scores");
        var source = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(connectionString) { SearchPath = "scores" });
        await Migrator.ApplyAsync(source, "scores", typeof(ScoresService).Assembly, TestContext.Current.CancellationToken);
        return new(connectionString, source);
    }

    public async Task<T> ScalarAsync<T>(string sql)
    {
        await using var command = Source.CreateCommand(sql);
        return (T)(await command.ExecuteScalarAsync(TestContext.Current.CancellationToken))!;
    }

    /// <summary>Puts a scheme version into the book, approved.</summary>
    public async Task ApproveAsync(Scheme scheme)
    {
        await using var command = Source.CreateCommand(
            "INSERT INTO scheme (id, version, content, effective_from, author, author_name, written, approver, approver_name, approved) VALUES ($1, $2, $3, $4, gen_random_uuid(), $5, now(), gen_random_uuid(), 'Approver', now())");
        foreach (var value in new object[] { scheme.Id, scheme.Version, Encoding.UTF8.GetString(scheme.Json.Span), scheme.EffectiveFrom, scheme.Author })
            command.Parameters.Add(new() { Value = value });
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
    }

    public async Task ExecuteAsync(string sql)
    {
        await using var command = Source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
    }

    public ValueTask DisposeAsync() => Source.DisposeAsync();
}
