using System.Security.Cryptography;
using System.Text;

namespace ServiceQuality.Organisation.Requests;

/// <summary>The answer to a request that carried an Idempotency-Key, kept for a day so that a repetition gets the same answer and changes nothing.</summary>
internal sealed class AnsweredRequest
{
    public static readonly TimeSpan KeptFor = TimeSpan.FromHours(24);

    private const int NonceBytes = 12;
    private const int TagBytes = 16;

    /// <summary>Hash over caller, route and header; the header itself is the key of <see cref="Answer"/> and is not kept.</summary>
    public byte[] Key { get; init; } = [];

    public byte[] RequestHash { get; init; } = [];
    public int Status { get; init; }
    public string? Location { get; init; }
    public string? Etag { get; init; }
    public byte[] Answer { get; init; } = [];
    public DateTimeOffset AnsweredAt { get; init; }

    public static byte[] KeyOf(Guid caller, string method, string path, string header) =>
        SHA256.HashData(Encoding.UTF8.GetBytes($"{caller:N}\n{method}\n{path}\n{header}"));

    /// <summary>Encrypts an answer under the client's header: some answers hold a secret that is shown once and kept nowhere.</summary>
    public static byte[] Seal(byte[] answer, string header, byte[] key)
    {
        var sealedAnswer = new byte[NonceBytes + TagBytes + answer.Length];
        var nonce = sealedAnswer.AsSpan(0, NonceBytes);
        RandomNumberGenerator.Fill(nonce);
        using var cipher = new AesGcm(Secret(header, key), TagBytes);
        cipher.Encrypt(nonce, answer, sealedAnswer.AsSpan(NonceBytes + TagBytes), sealedAnswer.AsSpan(NonceBytes, TagBytes));
        return sealedAnswer;
    }

    public byte[] Open(string header)
    {
        var answer = new byte[Answer.Length - NonceBytes - TagBytes];
        using var cipher = new AesGcm(Secret(header, Key), TagBytes);
        cipher.Decrypt(Answer.AsSpan(0, NonceBytes), Answer.AsSpan(NonceBytes + TagBytes), Answer.AsSpan(NonceBytes, TagBytes), answer);
        return answer;
    }

    private static byte[] Secret(string header, byte[] salt) =>
        HKDF.DeriveKey(HashAlgorithmName.SHA256, Encoding.UTF8.GetBytes(header), 32, salt, "answered-request"u8.ToArray());
}
