using System.Globalization;
using System.Security.Cryptography;
using GanFromScratch.Gan.Errors;
using GanFromScratch.Gan.Files;
using GanFromScratch.Gan.Terminal;
using GanFromScratch.Kernels;
using GanFromScratch.Tensors;

namespace GanFromScratch.Gan.Evaluation;

/// <summary>
/// Caches trained classifiers, one for each data set: `NAME-DIGEST.safetensors`, with a digest of the set's pictures and labels. All are
/// trained on the processor, whatever device evaluates, so that the metrics of a data set are comparable.
/// </summary>
/// <param name="folder">The folder of the files, which need not exist.</param>
/// <param name="screen">Shows training, and warnings.</param>
internal sealed class ClassifierCache(string folder, Screen screen)
{
    private const string FormatVersion = "1"; // increased when the network or its training changes

    /// <summary>Reads the classifier of a data set, or trains and saves it.</summary>
    /// <param name="real">The data set, which has labels.</param>
    /// <param name="device">The device of the classifier.</param>
    /// <param name="threads">Threads of the processor for training.</param>
    /// <returns>The classifier, which the caller disposes, and its accuracy on the test pictures.</returns>
    public (Classifier Classifier, double Accuracy) Get(ReferenceSet real, Device device, int threads)
    {
        string path = PathOf(real);
        var classifier = new Classifier(device, real.Training.Shape, real.Classes.Count, new RandomStream(0, 0));
        if (File.Exists(path))
        {
            try
            {
                return (classifier, Read(path, classifier));
            }
            catch (GanException)
            {
                screen.Warn($"{path} is damaged or of another version; the classifier is trained again.");
            }
        }
        double accuracy = Train(real, classifier, threads);
        Save(path, classifier, accuracy);
        return (classifier, accuracy);
    }

    private double Train(ReferenceSet real, Classifier target, int threads)
    {
        using var processor = new CpuDevice(threads);
        var pictures = real.Learnt;
        screen.Say($"training    a classifier of {real.Name} on {pictures.Count:N0} pictures, once");
        using var trained = screen.During(() => ClassifierTraining.Run(
            processor, pictures, real.TrainingLabels.Span, real.Classes.Count, done => screen.Show($"training    {100 * done:0} %")));
        foreach (var (to, from) in target.State.Zip(trained.State))
            to.Value.CopyFrom(from.Value.ToArray());
        return ClassifierTraining.Accuracy(trained.Extract(real.Test), real.TestLabels.Span);
    }

    private static double Read(string path, Classifier classifier)
    {
        var file = SafetensorsFile.Read(path);
        if (file.Text("format_version") != FormatVersion)
            throw SafetensorsFile.Damaged(path, $"it has the version {file.Text("format_version")}, not {FormatVersion}");
        foreach (var parameter in classifier.State)
        {
            var values = file.Values(parameter.Name, Extents(parameter.Value.Shape));
            if (values.ContainsAnyExceptInRange(float.MinValue, float.MaxValue))
                throw SafetensorsFile.Damaged(path, $"'{parameter.Name}' has numbers that are not finite");
            parameter.Value.CopyFrom(values);
        }
        string text = file.Text("accuracy");
        return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double accuracy) && accuracy is >= 0 and <= 1
            ? accuracy
            : throw SafetensorsFile.Damaged(path, $"its accuracy '{text}' is not between 0 and 1");
    }

    private void Save(string path, Classifier classifier, double accuracy)
    {
        var metadata = new Dictionary<string, string>
        {
            ["format_version"] = FormatVersion,
            ["layers"] = classifier.Network.Description,
            ["accuracy"] = accuracy.ToString("R", CultureInfo.InvariantCulture),
        };
        var tensors = classifier.State.Select(
            parameter => (parameter.Name, Extents(parameter.Value.Shape), (ReadOnlyMemory<float>)parameter.Value.ToArray()));
        try
        {
            Directory.CreateDirectory(folder);
            AtomicFile.Write(path, stream => Safetensors.Write(stream, tensors, metadata));
        }
        catch (Exception fault) when (fault is GanException or IOException or UnauthorizedAccessException)
        {
            string why = fault is GanException ? fault.Message : AtomicFile.WriteError(folder, fault).Message;
            screen.Warn($"The classifier can't be saved, and will be trained again: {why}");
        }
    }

    private string PathOf(ReferenceSet real)
    {
        using var digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var part in new[] { real.Training.Pixels, real.TrainingLabels, real.Test.Pixels, real.TestLabels })
            digest.AppendData(part.Span);
        return Path.Combine(folder, $"{real.Name}-{Convert.ToHexStringLower(digest.GetHashAndReset())[..16]}.safetensors");
    }

    private static int[] Extents(Shape shape) => [.. Enumerable.Range(0, shape.Rank).Select(axis => shape[axis])];
}
