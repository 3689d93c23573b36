using System.Collections.Concurrent;
using Npgsql;
using ServiceQuality.Contracts.Organisation;

namespace ServiceQuality.Monitoring.Units;

/// <summary>What intake has to know about a unit.</summary>
internal sealed record KnownUnit(Guid Id, string Code, string Path, string State, string Kind, string? ContactPoint);

/// <summary>The copy of the tree: the table, and the units in memory for the hot path.</summary>
internal sealed class UnitDirectory([FromKeyedServices(MonitoringService.Name)] NpgsqlDataSource db) : IDisposable
{
    private readonly ConcurrentDictionary<string, KnownUnit> _byCode = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<Guid, KnownUnit> _byId = new();
    private readonly SemaphoreSlim _turn = new(1, 1);
    private long _version;

    public bool IsEmpty => _byId.IsEmpty;

    public IEnumerable<KnownUnit> All => _byId.Values;

    /// <summary>The unit with this code, or with this id written out.</summary>
    public KnownUnit? Find(string subject) =>
        _byCode.TryGetValue(subject, out var unit) || (Guid.TryParse(subject, out var id) && _byId.TryGetValue(id, out unit)) ? unit : null;

    /// <summary>Stores a unit unless the copy is newer, and sees it at once in this process. Doing it twice changes nothing.</summary>
    public async Task StoreAsync(OrgUnitChanged unit, CancellationToken ct)
    {
        await using (var connection = await db.OpenConnectionAsync(ct))
        {
            await using var transaction = await connection.BeginTransactionAsync(ct);
            await using (var next = new NpgsqlCommand("update unit_tree set version = version + 1", connection))
                await next.ExecuteNonQueryAsync(ct);
            await using var store = new NpgsqlCommand("""
                insert into unit (id, version, code, name_zh, name_en, kind, contact_point, parent, path, time_zone, customers_served, state, changed, tree)
                select $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, version from unit_tree
                on conflict (id) do update set
                    version = excluded.version, code = excluded.code, name_zh = excluded.name_zh, name_en = excluded.name_en, kind = excluded.kind,
                    contact_point = excluded.contact_point, parent = excluded.parent, path = excluded.path, time_zone = excluded.time_zone,
                    customers_served = excluded.customers_served, state = excluded.state, changed = excluded.changed, tree = excluded.tree
                where unit.version < excluded.version
                """, connection)
            {
                Parameters =
                {
                    new() { Value = unit.Unit }, new() { Value = unit.Version }, new() { Value = unit.Code }, new() { Value = unit.NameZh }, new() { Value = unit.NameEn },
                    new() { Value = unit.Kind }, new() { Value = (object?)unit.ContactPoint ?? DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Text },
                    new() { Value = (object?)unit.Parent ?? DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Uuid }, new() { Value = unit.Path }, new() { Value = unit.TimeZone },
                    new() { Value = unit.CustomersServed }, new() { Value = unit.State }, new() { Value = unit.At.ToUniversalTime() },
                },
            };
            await store.ExecuteNonQueryAsync(ct);
            await transaction.CommitAsync(ct);
        }
        await RefreshAsync(ct);
    }

    /// <summary>Takes over what was stored since the last time, by this instance or another.</summary>
    public async Task RefreshAsync(CancellationToken ct)
    {
        await _turn.WaitAsync(ct);
        try
        {
            await using var command = db.CreateCommand("select id, code, path, state, kind, contact_point, tree from unit where tree > $1 order by tree");
            command.Parameters.Add(new() { Value = _version });
            await using var reader = await command.ExecuteReaderAsync(ct);
            while (await reader.ReadAsync(ct))
            {
                Keep(new KnownUnit(reader.GetGuid(0), reader.GetString(1), reader.GetString(2), reader.GetString(3), reader.GetString(4), await reader.IsDBNullAsync(5, ct) ? null : reader.GetString(5)));
                _version = reader.GetInt64(6);
            }
        }
        finally
        {
            _turn.Release();
        }
    }

    public void Dispose() => _turn.Dispose();

    private void Keep(KnownUnit unit)
    {
        if (_byId.TryGetValue(unit.Id, out var before) && before.Code != unit.Code)
            _byCode.TryRemove(new KeyValuePair<string, KnownUnit>(before.Code, before));
        _byId[unit.Id] = unit;
        _byCode[unit.Code] = unit;
    }
}
