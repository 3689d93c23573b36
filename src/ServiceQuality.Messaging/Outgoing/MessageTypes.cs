using System.Collections.Concurrent;
using ServiceQuality.Contracts.Facts;

namespace ServiceQuality.Messaging;

/// <summary>Message types by their full name alone: a message written by one version of an assembly is read by the next.</summary>
internal static class MessageTypes
{
    private static readonly ConcurrentDictionary<string, Type> Known = new(typeof(FactsAccepted).Assembly.GetExportedTypes()
        .Where(type => type is { IsClass: true, IsAbstract: false, IsGenericType: false, Namespace: not null })
        .Select(type => KeyValuePair.Create(type.FullName!, type)));

    public static string NameOf(Type type)
    {
        var name = type.FullName ?? throw new ArgumentException($"{type} cannot be a message.", nameof(type));
        Known.TryAdd(name, type);
        return name;
    }

    /// <summary>The type; messages of other assemblies than Contracts are found once their assembly is loaded.</summary>
    public static Type Of(string name)
    {
        if (Known.TryGetValue(name, out var type))
            return type;
        type = AppDomain.CurrentDomain.GetAssemblies().Select(assembly => assembly.GetType(name)).FirstOrDefault(found => found is not null)
            ?? throw new UnknownMessageTypeException($"No message type {name} is known here.");
        return Known[name] = type;
    }
}

/// <summary>The outbox holds a message whose type this version does not have.</summary>
internal sealed class UnknownMessageTypeException(string message) : Exception(message);
