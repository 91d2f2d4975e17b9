using System.IO.Compression;
using System.Net.Sockets;
using System.Security.Cryptography;
using GanFromScratch.Gan.Errors;

namespace GanFromScratch.Gan.Data;

/// <summary>The progress of a download.</summary>
/// <param name="File">The name of the file.</param>
/// <param name="Bytes">Bytes received.</param>
/// <param name="Total">Bytes in all, or null if the mirror doesn't say.</param>
public readonly record struct DownloadProgress(string File, long Bytes, long? Total);

/// <summary>
/// Downloads published files from the first of several mirrors that delivers them. A file gets its name only when it is whole and its hash
/// is right.
/// </summary>
/// <param name="mirrors">Base addresses, ending in `/`; null: the public ones.</param>
/// <param name="answerLimit">The time to the first byte of a file, for all mirrors and name look-ups together; null: five seconds.</param>
/// <param name="stallLimit">The time without any byte after that; null: ten seconds.</param>
public sealed class Downloader(IReadOnlyList<Uri>? mirrors = null, TimeSpan? answerLimit = null, TimeSpan? stallLimit = null)
{
    private const string PartEnding = ".part";
    private static readonly TimeSpan HeadStart = TimeSpan.FromSeconds(1);
    private readonly TimeSpan _answerLimit = answerLimit ?? TimeSpan.FromSeconds(5);
    private readonly TimeSpan _stallLimit = stallLimit ?? TimeSpan.FromSeconds(10);

    /// <summary>The base addresses, in the order of trying.</summary>
    public IReadOnlyList<Uri> Mirrors { get; } = mirrors ?? MnistFiles.Mirrors;

    /// <summary>Opens connections instead of the system's sockets, for tests.</summary>
    internal Func<SocketsHttpConnectionContext, CancellationToken, ValueTask<Stream>>? Connect { get; init; }

    /// <summary>Downloads the files that a folder lacks, as `.gz`. Creates the folder.</summary>
    /// <param name="files">The files.</param>
    /// <param name="folder">The folder.</param>
    /// <param name="progress">Receives the progress.</param>
    /// <param name="failFast">Whether a stalled transfer ends the download; otherwise the next mirror is tried.</param>
    /// <param name="cancel">Cancels the download.</param>
    /// <exception cref="GanException">Data: no mirror delivers, or the folder can't be written to.</exception>
    public async Task FetchAsync(
        IReadOnlyList<PublishedFile> files,
        string folder,
        IProgress<DownloadProgress>? progress = null,
        bool failFast = false,
        CancellationToken cancel = default)
    {
        using var handler = new SocketsHttpHandler { ConnectCallback = Connect };
        using var client = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
        try
        {
            Directory.CreateDirectory(folder);
            foreach (var file in files)
                RemoveAbandoned(folder, file);
            foreach (var file in files.Where(file => MnistFiles.Find(folder, file) is null))
                await FetchOne(client, file, folder, progress, failFast, cancel).ConfigureAwait(false);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new GanException(
                ExitCode.Data,
                $"The download can't be saved in {folder}: {FileFault.Cause(fault, folder)}. "
                + "Make room, or set XDG_CACHE_HOME to another folder.",
                fault);
        }
    }

    private async Task FetchOne(
        HttpClient client,
        PublishedFile file,
        string folder,
        IProgress<DownloadProgress>? progress,
        bool failFast,
        CancellationToken cancel)
    {
        var left = Mirrors.ToList();
        var faults = new List<string>();
        while (left.Count > 0 && await FirstAnswer(client, left, file, faults, cancel).ConfigureAwait(false) is { } answer)
        {
            using (answer)
            {
                left.Remove(answer.Mirror);
                try
                {
                    await Save(answer, file, folder, progress, cancel).ConfigureAwait(false);
                    return;
                }
                catch (TransferFault fault)
                {
                    faults.Add($"{answer.Mirror.Host}: {fault.Message}");
                    if (failFast && fault.Stalled)
                        break;
                }
            }
        }
        throw new GanException(ExitCode.Data, $"{file.GzipName} can't be downloaded ({string.Join("; ", faults)}).");
    }

    // The next mirror is asked after a second, beside one that doesn't answer. Headers alone are no answer: a proxy may send them and
    // swallow the rest.
    private async Task<Answer?> FirstAnswer(
        HttpClient client, List<Uri> left, PublishedFile file, List<string> faults, CancellationToken cancel)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(_answerLimit);
        var waiting = new Queue<Uri>(left);
        var asked = new Dictionary<Task, (Uri Mirror, Task<Answer> Answer)>();
        try
        {
            while (waiting.Count + asked.Count > 0)
            {
                if (waiting.TryDequeue(out var next))
                {
                    var answer = Ask(client, next, file, limit.Token);
                    asked.Add(answer, (next, answer));
                }
                var patience = waiting.Count > 0 ? Task.Delay(HeadStart, limit.Token) : Task.Delay(Timeout.Infinite, limit.Token);
                var done = await Task.WhenAny([.. asked.Keys, patience]).ConfigureAwait(false);
                cancel.ThrowIfCancellationRequested();
                if (limit.IsCancellationRequested)
                    break;
                if (!asked.Remove(done, out var ended))
                    continue;
                try
                {
                    return await ended.Answer.ConfigureAwait(false);
                }
                catch (HttpRequestException fault)
                {
                    // the outer message repeats the host
                    string why = fault.InnerException is SocketException inner ? inner.Message : fault.Message;
                    faults.Add($"{ended.Mirror.Host}: {why}");
                    left.Remove(ended.Mirror);
                }
                catch (IOException fault)
                {
                    faults.Add($"{ended.Mirror.Host}: the transfer was cut off ({fault.Message})");
                    left.Remove(ended.Mirror);
                }
            }
            string silence = $"nothing arrived within {_answerLimit.TotalSeconds:0.#} seconds";
            faults.AddRange(asked.Values.Select(ask => $"{ask.Mirror.Host}: {silence}"));
            return null;
        }
        finally
        {
            limit.Cancel();
            foreach (var (_, late) in asked.Values)
                _ = late.ContinueWith(DropLate, TaskScheduler.Default);
        }
    }

    // reading the exception marks it as observed
    private static void DropLate(Task<Answer> late)
    {
        if (late.IsCompletedSuccessfully)
            late.Result.Dispose();
        else
            _ = late.Exception;
    }

    // Task.Run and WaitAsync: a name look-up blocks, and no token cancels it
    private static async Task<Answer> Ask(HttpClient client, Uri mirror, PublishedFile file, CancellationToken limit)
    {
        var address = new Uri(mirror, file.GzipName);
        var response = await Task.Run(() => client.GetAsync(address, HttpCompletionOption.ResponseHeadersRead, limit), limit)
            .WaitAsync(limit).ConfigureAwait(false);
        try
        {
            if (!response.IsSuccessStatusCode)
                throw new HttpRequestException($"it answered {(int)response.StatusCode} {response.ReasonPhrase}");
            var body = await response.Content.ReadAsStreamAsync(limit).ConfigureAwait(false);
            var buffer = new byte[1 << 16];
            return new Answer(mirror, response, body, buffer, await body.ReadAsync(buffer, limit).ConfigureAwait(false));
        }
        catch
        {
            response.Dispose();
            throw;
        }
    }

    // partial files of killed downloads, which no process has open
    private static void RemoveAbandoned(string folder, PublishedFile file)
    {
        foreach (string part in Directory.EnumerateFiles(folder, $"{file.GzipName}.*{PartEnding}"))
        {
            try
            {
                new FileStream(part, FileMode.Open, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.DeleteOnClose).Dispose();
            }
            catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
            {
                // another download is writing it
            }
        }
    }

    private async Task Save(
        Answer answer, PublishedFile file, string folder, IProgress<DownloadProgress>? progress, CancellationToken cancel)
    {
        string partial = Path.Combine(folder, $"{file.GzipName}.{Guid.NewGuid():N}{PartEnding}");
        try
        {
            using (var target = new FileStream(partial, FileMode.CreateNew, FileAccess.ReadWrite))
            {
                await Transfer(answer, target, file, progress, cancel).ConfigureAwait(false);
                target.Position = 0;
                Check(target, file);
            }
            File.Move(partial, Path.Combine(folder, file.GzipName), overwrite: true);
        }
        finally
        {
            File.Delete(partial);
        }
    }

    private async Task Transfer(
        Answer answer,
        FileStream target,
        PublishedFile file,
        IProgress<DownloadProgress>? progress,
        CancellationToken cancel)
    {
        using var stall = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        stall.CancelAfter(_stallLimit);
        long? total = answer.Response.Content.Headers.ContentLength;
        var buffer = answer.Buffer;
        try
        {
            for (int got = answer.Got; got > 0; got = await answer.Body.ReadAsync(buffer, stall.Token).ConfigureAwait(false))
            {
                stall.CancelAfter(_stallLimit);
                // gzip adds a few bytes a block to incompressible data, no more
                if (target.Length + got > file.Length + file.Length / 100 + 1024)
                    throw new TransferFault("more bytes arrived than the file has");
                await Write(target, buffer.AsMemory(0, got), cancel).ConfigureAwait(false);
                progress?.Report(new DownloadProgress(file.GzipName, target.Length, total));
            }
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            throw new TransferFault($"nothing arrived for {_stallLimit.TotalSeconds:0.#} seconds", stalled: true);
        }
        catch (Exception fault) when (fault is HttpRequestException or IOException and not DiskFault)
        {
            throw new TransferFault($"the transfer was cut off ({fault.Message})");
        }
    }

    private static async Task Write(FileStream target, ReadOnlyMemory<byte> bytes, CancellationToken cancel)
    {
        try
        {
            await target.WriteAsync(bytes, cancel).ConfigureAwait(false);
        }
        catch (IOException fault)
        {
            throw new DiskFault(fault);
        }
    }

    private static void Check(FileStream packed, PublishedFile file)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[1 << 18];
        long length = 0;
        try
        {
            using var unpacked = new GZipStream(packed, CompressionMode.Decompress, leaveOpen: true);
            while (length <= file.Length && unpacked.Read(buffer) is > 0 and var got)
            {
                hash.AppendData(buffer, 0, got);
                length += got;
            }
        }
        catch (InvalidDataException fault)
        {
            throw new TransferFault($"what arrived isn't a whole gzip file ({fault.Message})");
        }
        string found = Convert.ToHexStringLower(hash.GetHashAndReset());
        if (found != file.Sha256)
            throw new TransferFault($"what arrived isn't the published file (SHA-256 {found} of its content, expected {file.Sha256})");
    }

    /// <summary>A failed transfer from one mirror.</summary>
    private sealed class TransferFault(string message, bool stalled = false) : Exception(message)
    {
        public bool Stalled { get; } = stalled;
    }

    /// <summary>The response of a mirror, with the first bytes of the body.</summary>
    private sealed record Answer(Uri Mirror, HttpResponseMessage Response, Stream Body, byte[] Buffer, int Got) : IDisposable
    {
        public void Dispose() => Response.Dispose();
    }

    /// <summary>A failed write, for which no other mirror is tried.</summary>
    private sealed class DiskFault(IOException fault) : IOException(fault.Message, fault.HResult);
}
