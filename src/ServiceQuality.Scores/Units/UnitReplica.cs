using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using ServiceQuality.Contracts.Organisation;

namespace ServiceQuality.Scores.Units;

/// <summary>This service's copy of the organisation tree: a table that messages keep, and the newest <see cref="UnitTree"/> read from it.</summary>
internal sealed class UnitReplica([FromKeyedServices(ScoresService.Name)] NpgsqlDataSource db) : IDisposable
{
    private readonly SemaphoreSlim _reading = new(1, 1);
    private (long Count, long Versions) _seen = (-1, -1);
    private readonly SemaphoreSlim _touched = new(0, 1);
    private volatile UnitTree _tree = UnitTree.Empty;

    /// <summary>The newest tree that was read.</summary>
    public UnitTree Tree => _tree;

    /// <summary>Says that the table has changed here.</summary>
    public void Touch()
    {
        if (_touched.CurrentCount == 0)
        {
            try
            {
                _touched.Release();
            }
            catch (SemaphoreFullException)
            {
                // Somebody else said so in the same instant.
            }
        }
    }

    /// <summary>Waits until the table has changed here, at most as long as said.</summary>
    public Task TouchedAsync(TimeSpan atMost, CancellationToken ct) => _touched.WaitAsync(atMost, ct);

    /// <summary>Keeps a change unless a newer one is there; answers whether it was kept.</summary>
    public async Task<bool> KeepAsync(OrgUnitChanged change, CancellationToken ct)
    {
        await using var command = db.CreateCommand(
            """
            INSERT INTO unit (unit, version, code, name_zh, name_en, kind, contact_point, parent, path, time_zone, customers_served, state, changed)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
            ON CONFLICT (unit) DO UPDATE SET
                version = excluded.version, code = excluded.code, name_zh = excluded.name_zh, name_en = excluded.name_en, kind = excluded.kind,
                contact_point = excluded.contact_point, parent = excluded.parent, path = excluded.path, time_zone = excluded.time_zone,
                customers_served = excluded.customers_served, state = excluded.state, changed = excluded.changed
            WHERE unit.version < excluded.version
            """);
        foreach (var value in new object?[]
                 {
                     change.Unit, change.Version, change.Code, change.NameZh, change.NameEn, change.Kind, change.ContactPoint, change.Parent,
                     change.Path, change.TimeZone, change.CustomersServed, change.State, change.At.UtcDateTime,
                 })
            command.Parameters.Add(new NpgsqlParameter { Value = value ?? DBNull.Value });
        return await command.ExecuteNonQueryAsync(ct) == 1;
    }

    /// <summary>Reads the tree again if the table has changed, through whichever process; answers whether it had.</summary>
    public async Task<bool> RefreshAsync(CancellationToken ct)
    {
        await _reading.WaitAsync(ct);
        try
        {
            await using var connection = await db.OpenConnectionAsync(ct);
            var state = await StateAsync(connection, ct);
            if (state == _seen)
                return false;

            // Read after the question: what changes in between shows up at the next one.
            _tree = new UnitTree(await ReadAsync(connection, ct));
            _seen = state;
            return true;
        }
        finally
        {
            _reading.Release();
        }
    }

    public void Dispose()
    {
        _reading.Dispose();
        _touched.Dispose();
    }

    private static async Task<(long Count, long Versions)> StateAsync(NpgsqlConnection connection, CancellationToken ct)
    {
        // Versions only rise and units are never removed, so that any change moves the pair.
        await using var command = new NpgsqlCommand("SELECT count(*), coalesce(sum(version), 0)::bigint FROM unit", connection);
        await using var reader = await command.ExecuteReaderAsync(ct);
        await reader.ReadAsync(ct);
        return (reader.GetInt64(0), reader.GetInt64(1));
    }

    private static async Task<IReadOnlyList<OrgUnit>> ReadAsync(NpgsqlConnection connection, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(
            "SELECT unit, version, code, name_zh, name_en, kind, contact_point, parent, path, time_zone, customers_served, state FROM unit", connection);
        await using var reader = await command.ExecuteReaderAsync(ct);
        var units = new List<OrgUnit>();
        while (await reader.ReadAsync(ct))
        {
            units.Add(new OrgUnit(
                reader.GetGuid(0), reader.GetInt64(1), reader.GetString(2), reader.GetString(3), reader.GetString(4), reader.GetString(5),
                reader.IsDBNull(6) ? null : reader.GetString(6), reader.IsDBNull(7) ? null : reader.GetGuid(7), reader.GetString(8),
                reader.GetString(9), reader.GetInt64(10), reader.GetString(11)));
        }
        return units;
    }
}
