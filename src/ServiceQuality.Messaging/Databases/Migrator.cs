using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using Npgsql;

namespace ServiceQuality.Messaging;

/// <summary>
/// Brings a service's schema up to date: numbered SQL files embedded in assemblies as <c>sql/NNNN_name.sql</c>, each applied once, in order,
/// in a transaction of its own, under an advisory lock that lets only one instance work. A file that was changed after it was applied stops it.
/// </summary>
public static class Migrator
{
    private const string Prefix = "sql/";
    private static readonly TimeSpan LockPause = TimeSpan.FromSeconds(1);

    /// <summary>Applies what is missing: Messaging's own tables first, then the scripts of <paramref name="scripts"/>. Answers how many were applied.</summary>
    public static async Task<int> ApplyAsync(NpgsqlDataSource db, string schema, Assembly scripts, CancellationToken ct = default)
    {
        await using var connection = await db.OpenConnectionAsync(ct);
        var name = new NpgsqlCommandBuilder().QuoteIdentifier(schema);
        await ExecuteAsync(connection, "select pg_advisory_lock(hashtextextended($1, 0))", ct, $"migrate:{schema}");
        try
        {
            await ExecuteAsync(connection, $"create schema if not exists {name}", ct);
            await ExecuteAsync(connection, $"create table if not exists {name}.schema_version (name text primary key, sha256 text not null, applied timestamptz not null default now())", ct);
            var applied = await AppliedAsync(connection, name, ct);
            var count = 0;
            foreach (var script in All(schema, scripts))
            {
                if (applied.TryGetValue(script.Name, out var hash))
                {
                    if (hash != script.Hash)
                        throw new InvalidOperationException($"Migration {script.Name} of schema {schema} was changed after it had been applied.");
                    continue;
                }

                while (!await TryAsync(connection, name, script, ct))
                    await Task.Delay(LockPause, ct);
                count++;
            }
            return count;
        }
        finally
        {
            await ExecuteAsync(connection, "select pg_advisory_unlock_all()", CancellationToken.None);
        }
    }

    /// <summary>
    /// Applies a script; false when somebody holds a table that it changes. A change that waits for a table holds up everyone who comes after it, and
    /// a backup holds every table for minutes: so it waits a moment only, lets the others through, and tries again.
    /// </summary>
    private static async Task<bool> TryAsync(NpgsqlConnection connection, string schema, (string Name, string Text, string Hash) script, CancellationToken ct)
    {
        await using var transaction = await connection.BeginTransactionAsync(ct);
        try
        {
            await ExecuteAsync(connection, $"set local search_path = {schema}, public; set local lock_timeout = '500ms'", ct);
            await ExecuteAsync(connection, script.Text, ct);
            await ExecuteAsync(connection, $"insert into {schema}.schema_version (name, sha256) values ($1, $2)", ct, script.Name, script.Hash);
            await transaction.CommitAsync(ct);
            return true;
        }
        catch (PostgresException held) when (held.SqlState == PostgresErrorCodes.LockNotAvailable)
        {
            return false;
        }
    }

    /// <summary>
    /// The scripts that have not been applied to the schema, in their order; empty when the schema is as new as the code, or newer: a rolling update
    /// migrates first, and the old version goes on until it is replaced.
    /// </summary>
    public static async Task<IReadOnlyList<string>> MissingAsync(NpgsqlDataSource db, string schema, Assembly scripts, CancellationToken ct = default)
    {
        await using var connection = await db.OpenConnectionAsync(ct);
        try
        {
            var applied = await AppliedAsync(connection, new NpgsqlCommandBuilder().QuoteIdentifier(schema), ct);
            return [.. All(schema, scripts).Select(script => script.Name).Where(name => !applied.ContainsKey(name))];
        }
        catch (PostgresException nothing) when (nothing.SqlState is PostgresErrorCodes.UndefinedTable or PostgresErrorCodes.InvalidSchemaName)
        {
            return [.. All(schema, scripts).Select(script => script.Name)];
        }
    }

    private static IEnumerable<(string Name, string Text, string Hash)> All(string schema, Assembly scripts) =>
        Scripts("messaging", typeof(Migrator).Assembly).Concat(scripts == typeof(Migrator).Assembly ? [] : Scripts(schema, scripts));

    private static IEnumerable<(string Name, string Text, string Hash)> Scripts(string owner, Assembly assembly)
    {
        foreach (var resource in assembly.GetManifestResourceNames().Where(name => name.StartsWith(Prefix, StringComparison.Ordinal)).Order(StringComparer.Ordinal))
        {
            using var reader = new StreamReader(assembly.GetManifestResourceStream(resource)!);
            var text = reader.ReadToEnd().ReplaceLineEndings("\n");
            yield return ($"{owner}/{resource[Prefix.Length..]}", text, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text))));
        }
    }

    private static async Task<Dictionary<string, string>> AppliedAsync(NpgsqlConnection connection, string schema, CancellationToken ct)
    {
        var applied = new Dictionary<string, string>();
        await using var command = new NpgsqlCommand($"select name, sha256 from {schema}.schema_version", connection);
        await using var reader = await command.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct))
            applied[reader.GetString(0)] = reader.GetString(1);
        return applied;
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken ct, params string[] values)
    {
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
        foreach (var value in values)
            command.Parameters.Add(new() { Value = value });
        await command.ExecuteNonQueryAsync(ct);
    }
}
