namespace ServiceQuality.Access;

/// <summary>A role held over a subtree. <paramref name="Path"/> is the unit's path, codes from the root, each followed by a slash.</summary>
public sealed record Grant(string Role, string Path)
{
    /// <summary>True when <paramref name="path"/> lies in the granted subtree.</summary>
    public bool Covers(string path) => path.StartsWith(Path, StringComparison.Ordinal);
}

/// <summary>Who is asking: a person or an API key, as vouched for by the gateway's ticket.</summary>
/// <param name="Subject">Id of the account or key.</param>
/// <param name="Name">Display name.</param>
/// <param name="IsMachine">True for an API key.</param>
/// <param name="Grants">What the caller holds; nothing else is allowed.</param>
public sealed record Caller(Guid Subject, string Name, bool IsMachine, IReadOnlyList<Grant> Grants)
{
    /// <summary>True when the caller holds the permission anywhere.</summary>
    public bool May(string permission) => Grants.Any(grant => Roles.Allow(grant.Role, permission));

    /// <summary>True when the caller holds the permission over the unit with this path.</summary>
    public bool May(string permission, string path) => Grants.Any(grant => Roles.Allow(grant.Role, permission) && grant.Covers(path));

    /// <summary>True when the caller holds the permission over the whole organisation: over the root, whose path is one code, or over everything.</summary>
    public bool MayEverywhere(string permission) => Grants.Any(grant => Roles.Allow(grant.Role, permission) && grant.Path.AsSpan().Count('/') <= 1);

    /// <summary>The subtrees over which the caller holds the permission, for use in queries and cache keys; outermost only, in ordinal order.</summary>
    public IReadOnlyList<string> Scope(string permission)
    {
        var paths = Grants.Where(grant => Roles.Allow(grant.Role, permission)).Select(grant => grant.Path).Distinct().Order(StringComparer.Ordinal).ToList();
        return [.. paths.Where(path => !paths.Any(other => other.Length < path.Length && path.StartsWith(other, StringComparison.Ordinal)))];
    }
}
