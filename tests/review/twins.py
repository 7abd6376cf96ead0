"""Twins for every rule: code with the defect, and the same code as it should be."""

AWS = "AKIA" + "IOSFODNN7EXAMPLQ"
"""Has the form of a key and opens nothing."""

HOME = "/home/" + "anna/"
"""A folder of one machine, put together so that no file of ours names one."""


def text(code):
    """The code with its stand-ins filled in."""
    return code.replace("{AWS}", AWS).replace("{HOME}", HOME)


TWINS = {
    "FIT-BEFORE-SPLIT": [
        (
            """\
import pandas as pd
from sklearn.model_selection import train_test_split

from sklearn.preprocessing import StandardScaler
scaler = StandardScaler()
X = scaler.fit_transform(X)
X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
""",
            """\
import pandas as pd
from sklearn.model_selection import train_test_split

from sklearn.preprocessing import StandardScaler
X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
scaler = StandardScaler()
X_train = scaler.fit_transform(X_train)
X_test = scaler.transform(X_test)
""",
        ),
        (
            """\
import pandas as pd
from sklearn.model_selection import train_test_split

from imblearn.over_sampling import SMOTE
def prepare(df):
    X = df.drop(columns=["y"])
    y = df["y"]
    X_res, y_res = SMOTE(random_state=0).fit_resample(X, y)
    return train_test_split(X_res, y_res, random_state=0)
""",
            """\
import pandas as pd
from sklearn.model_selection import train_test_split

from imblearn.over_sampling import SMOTE
def prepare(df):
    X = df.drop(columns=["y"])
    y = df["y"]
    X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
    X_train, y_train = SMOTE(random_state=0).fit_resample(X_train, y_train)
    return X_train, X_test, y_train, y_test
""",
        ),
        (
            """\
import pandas as pd
from sklearn.model_selection import train_test_split

from sklearn.impute import SimpleImputer
imputer = SimpleImputer().fit(df[["age"]])
df["age"] = imputer.transform(df[["age"]])
train, test = train_test_split(df, random_state=0)
""",
            """\
import pandas as pd
from sklearn.model_selection import train_test_split

from sklearn.preprocessing import LabelEncoder
from sklearn.impute import SimpleImputer
df["y"] = LabelEncoder().fit_transform(df["y"])
other = SimpleImputer().fit_transform(prices)
train, test = train_test_split(df, random_state=0)
""",
        ),
    ],
    "FIT-ON-TEST": [
        (
            """\
from sklearn.preprocessing import StandardScaler
scaler = StandardScaler()
X_train = scaler.fit_transform(X_train)
X_test = scaler.fit_transform(X_test)
""",
            """\
from sklearn.preprocessing import StandardScaler
scaler = StandardScaler()
X_train = scaler.fit_transform(X_train)
X_test = scaler.transform(X_test)
""",
        ),
        (
            """\
import pandas as pd
from sklearn.model_selection import train_test_split
a, b = train_test_split(df, random_state=0)
model.fit(b, y)
""",
            """\
import pandas as pd
from sklearn.model_selection import train_test_split
a, b = train_test_split(df, random_state=0)
model.fit(a, y)
""",
        ),
        (
            """\
import pandas as pd
from sklearn.feature_extraction.text import TfidfVectorizer
words = TfidfVectorizer()
words.fit(pd.concat([train, test]))
""",
            """\
import pandas as pd
from sklearn.feature_extraction.text import TfidfVectorizer
words = TfidfVectorizer()
words.fit(pd.concat([train, valid]))
""",
        ),
    ],
    "OUTSIDE-PIPELINE": [
        (
            """\
from sklearn.feature_selection import SelectKBest
from sklearn.model_selection import cross_val_score
X_new = SelectKBest(k=20).fit_transform(X, y)
print(cross_val_score(model, X_new, y))
""",
            """\
from sklearn.feature_selection import SelectKBest
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline
print(cross_val_score(make_pipeline(SelectKBest(k=20), model), X, y))
""",
        ),
        (
            """\
from sklearn.preprocessing import StandardScaler
from sklearn.model_selection import GridSearchCV
Z = StandardScaler().fit_transform(X)
search = GridSearchCV(model, grid)
search.fit(Z, y)
""",
            """\
from sklearn.model_selection import GridSearchCV
search = GridSearchCV(pipeline, grid)
search.fit(X, y)
""",
        ),
    ],
    "TARGET-IN-FEATURES": [
        (
            """\
X = df
y = df['churn']
model.fit(X, y)
""",
            """\
X = df.drop(columns=['churn'])
y = df['churn']
model.fit(X, y)
""",
        ),
        (
            """\
features = ['age', 'job', 'churn']
model.fit(df[features], df['churn'])
""",
            """\
features = ['age', 'job']
model.fit(df[features], df['churn'])
""",
        ),
        (
            """\
import pandas as pd
from sklearn.model_selection import train_test_split
y = df['churn'].map(codes)
train_test_split(df.values, y, random_state=0)
""",
            """\
import pandas as pd
from sklearn.model_selection import train_test_split
y = df.pop('churn')
train_test_split(df.values, y, random_state=0)
""",
        ),
        (
            """\
from sklearn.model_selection import cross_val_score
X = df.copy()
y = df['churn']
cross_val_score(model, X, y)
""",
            """\
from sklearn.model_selection import cross_val_score
y = df['churn']
df.drop('churn', axis=1, inplace=True)
X = df.copy()
cross_val_score(model, X, y)
""",
        ),
        (
            """\
X = df.drop('id', axis=1)
y = df['churn']
model.fit(X, y)
""",
            """\
y = df['churn']
X = df[columns]
model.fit(X, y)
del df['churn']
model.fit(df, y)
""",
        ),
    ],
    "SHUFFLED-TIME": [
        (
            """\
import pandas as pd
from sklearn.model_selection import train_test_split
df = df.sort_values('date')
train, test = train_test_split(df, random_state=0)
""",
            """\
import pandas as pd
from sklearn.model_selection import train_test_split
df = df.sort_values('date')
train, test = train_test_split(df, shuffle=False)
""",
        ),
        (
            """\
from sklearn.model_selection import KFold
df['lag'] = df['sales'].shift(1)
folds = KFold(5, shuffle=True, random_state=0)
""",
            """\
from sklearn.model_selection import TimeSeriesSplit
df['lag'] = df['sales'].shift(1)
folds = TimeSeriesSplit(5)
""",
        ),
        (
            """\
import pandas as pd
from sklearn.model_selection import train_test_split
df = df.set_index('timestamp')
df['m'] = df.x.rolling(7).mean()
a, b = train_test_split(df, random_state=1)
""",
            """\
import pandas as pd
from sklearn.model_selection import train_test_split
df = df.sort_values('price')
a, b = train_test_split(df, random_state=1)
""",
        ),
    ],
    "TUNED-ON-TEST": [
        (
            """\
import numpy as np
from sklearn.metrics import precision_recall_curve
p, r, t = precision_recall_curve(y_test, scores)
threshold = t[np.argmax(p * r)]
""",
            """\
import numpy as np
from sklearn.metrics import precision_recall_curve
p, r, t = precision_recall_curve(y_val, scores)
threshold = t[np.argmax(p * r)]
""",
        ),
        (
            """\
from sklearn.metrics import f1_score
best = 0
for depth in depths:
    model = fit(depth)
    score = f1_score(y_test, model.predict(X_test))
    if score > best:
        best = score
""",
            """\
from sklearn.metrics import f1_score
best = 0
for depth in depths:
    model = fit(depth)
    score = f1_score(y_valid, model.predict(X_valid))
    if score > best:
        best = score
""",
        ),
        (
            """\
model.fit(X_train, y_train, eval_set=[(X_test, y_test)], early_stopping_rounds=20)
""",
            """\
model.fit(X_train, y_train, eval_set=[(X_val, y_val)], early_stopping_rounds=20)
""",
        ),
    ],
    "UNSEEDED": [
        (
            """\
import pandas as pd
from sklearn.model_selection import train_test_split
a, b = train_test_split(df)
""",
            """\
import pandas as pd
from sklearn.model_selection import train_test_split
a, b = train_test_split(df, random_state=7)
""",
        ),
        (
            """\
import numpy as np
x = np.random.rand(3)
""",
            """\
import numpy as np
np.random.seed(7)
x = np.random.rand(3)
""",
        ),
        (
            """\
from numpy.random import default_rng
chance = default_rng()
""",
            """\
from numpy.random import default_rng
chance = default_rng(7)
""",
        ),
        (
            """\
import torch
def train(model, optimizer):
    loss(model).backward()
    optimizer.step()
""",
            """\
import torch
torch.manual_seed(7)
def train(model, optimizer):
    loss(model).backward()
    optimizer.step()
""",
        ),
        (
            """\
import pandas as pd
part = df.sample(frac=0.5)
""",
            """\
import pandas as pd
part = df.sample(frac=0.5, random_state=7)
""",
        ),
        (
            """\
from sklearn.ensemble import RandomForestClassifier
model = RandomForestClassifier(n_estimators=9)
""",
            """\
from sklearn.ensemble import RandomForestClassifier
model = RandomForestClassifier(**settings)
""",
        ),
        (
            """\
from sklearn.model_selection import KFold
folds = KFold(5, shuffle=True)
""",
            """\
from sklearn.model_selection import KFold
folds = KFold(5)
""",
        ),
    ],
    "LOOKAHEAD": [
        (
            """\
df['feature'] = df['price'].shift(-1)
""",
            """\
df['target'] = df['price'].shift(-1)
df['feature'] = df['price'].shift(1)
""",
        ),
        (
            """\
df['smooth'] = df['x'].rolling(7, center=True).mean()
""",
            """\
df['smooth'] = df['x'].rolling(7).mean()
""",
        ),
        (
            """\
import pandas as pd
joined = pd.merge_asof(a, b, on='t', direction='nearest')
""",
            """\
import pandas as pd
joined = pd.merge_asof(a, b, on='t')
""",
        ),
    ],
    "UNSAFE-LOAD": [
        (
            """\
import pickle
model = pickle.load(open('m.pkl', 'rb'))
""",
            """\
import json
model = json.load(open('m.json'))
""",
        ),
        (
            """\
import joblib
model = joblib.load('m.joblib')
""",
            """\
import lightgbm
model = lightgbm.Booster(model_file='m.txt')
""",
        ),
        (
            """\
import torch
w = torch.load('w.pt')
""",
            """\
import torch
w = torch.load('w.pt', weights_only=True)
""",
        ),
        (
            """\
import yaml
settings = yaml.load(text)
""",
            """\
import yaml
settings = yaml.load(text, Loader=yaml.SafeLoader)
other = yaml.safe_load(text)
""",
        ),
        (
            """\
import numpy as np
a = np.load('a.npy', allow_pickle=True)
import yaml
yaml.unsafe_load(text)
""",
            """\
import numpy as np
a = np.load('a.npy')
""",
        ),
    ],
    "NO-EVAL-MODE": [
        (
            """\
import torch
def predict(model, x):
    with torch.no_grad():
        return model(x)
""",
            """\
import torch
def predict(model, x):
    model.eval()
    with torch.no_grad():
        return model(x)
""",
        ),
        (
            """\
import torch
class Service:
    @torch.inference_mode()
    def predict(self, x):
        return self.model(x)
""",
            """\
import torch
class Service:
    @torch.inference_mode()
    def predict(self, x):
        self.model.train(False)
        return self.model(x)
""",
        ),
    ],
    "NO-GRAD": [
        (
            """\
import torch
def validate(model, loader):
    model.eval()
    return [model(x) for x in loader]
""",
            """\
import torch
def validate(model, loader):
    model.eval()
    with torch.inference_mode():
        return [model(x) for x in loader]
""",
        ),
    ],
    "SECRET": [
        (
            text("""\
key = '{AWS}'
"""),
            """\
import os
key = os.environ['AWS_KEY']
""",
        ),
        (
            """\
password = 'hT7#kq2Lw9z'
""",
            """\
password = '<your password>'
""",
        ),
        (
            """\
connect(api_key='9f8a7c6b5d4e3f2a')
settings = {'token': 'q8Zr4Tn1Vx6p'}
""",
            """\
connect(api_key=secrets.get('service'))
settings = {'token': 'changeme'}
""",
        ),
        (
            """\
url = 'postgresql://anna:s3cr3tpw@db/calls'
""",
            """\
url = 'postgresql://db/calls'
""",
        ),
    ],
    "PII-IN-LOGS": [
        (
            """\
print(f'welcome {user.email}')
""",
            """\
print(f'welcome {request_id}')
""",
        ),
        (
            """\
import logging
logger = logging.getLogger()
logger.info('row %s', row['phone_number'])
""",
            """\
import logging
logger = logging.getLogger()
logger.info('row %s', hash(row['phone_number']))
""",
        ),
        (
            """\
print(customer_id)
""",
            """\
print(len(customer_id), email_count)
""",
        ),
    ],
    "SWALLOWED-EXCEPTION": [
        (
            """\
try:
    load()
except Exception:
    pass
""",
            """\
try:
    load()
except FileNotFoundError:
    pass
""",
        ),
        (
            """\
def read():
    try:
        return load()
    except:
        return None
""",
            """\
def read():
    try:
        return load()
    except Exception as error:
        log(error)
        raise
""",
        ),
    ],
    "MUTABLE-DEFAULT": [
        (
            """\
def add(x, seen=[]):
    seen.append(x)
""",
            """\
def add(x, seen=None):
    return x
""",
        ),
        (
            """\
def add(x, *, seen=dict()):
    return x
""",
            """\
def add(x, *, seen=()):
    return x
""",
        ),
    ],
    "LONG-FUNCTION": [("def run():\n" + "    x = 1\n" * 130, "def run():\n" + "    x = 1\n" * 100)],
    "MACHINE-PATH": [
        (
            text("""\
frame = read('{HOME}data.csv')
"""),
            """\
frame = read('data/calls.csv')
""",
        ),
    ],
    "DEVICE-FIXED": [
        (
            """\
import torch
model.cuda()
""",
            """\
import torch
device = 'cuda' if torch.cuda.is_available() else 'cpu'
model.to(device)
""",
        ),
        (
            """\
import torch
x = x.to('cuda:0')
""",
            """\
import torch
x = x.to('cpu')
""",
        ),
    ],
    "ROW-LOOP": [
        (
            """\
for index, row in df.iterrows():
    total += row['x']
df.apply(cost, axis=1)
""",
            """\
total = df['x'].sum()
df.apply(cost)
""",
        ),
    ],
    "GROW-IN-LOOP": [
        (
            """\
import pandas as pd
for name in names:
    whole = pd.concat([whole, read(name)])
""",
            """\
import pandas as pd
parts = []
for name in names:
    parts.append(read(name))
whole = pd.concat(parts)
""",
        ),
        (
            """\
import numpy as np
while more():
    a = np.append(a, take())
""",
            """\
import numpy as np
for b in c:
    d = np.concatenate([b, e])
""",
        ),
    ],
    "PREDICT-IN-LOOP": [
        (
            """\
answers = [model.predict([row]) for row in rows]
for row in rows:
    model.predict(row.reshape(1, -1))
""",
            """\
answers = model.predict(rows)
for chunk in chunks:
    model.predict(chunk)
""",
        ),
    ],
}
"""Rule to pairs of (code with the defect, clean twin)."""
